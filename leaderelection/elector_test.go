package leaderelection_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// replica is an elector that runs. Each of its terms lasts until the test lets it end.
type replica struct {
	elector *leaderelection.Elector
	terms   chan context.Context // gets the context of each term when it begins
	drained chan struct{}        // takes one value from the test for each term that may end
	stop    context.CancelFunc
	ended   chan error // gets what Run returned
	metrics *prometheus.Registry
}

// maxTerms is more than any test has.
const maxTerms = 10

func start(t *testing.T, identity string, client *client) replica {
	t.Helper()
	return startAt(t, identity, client, clock())
}

// startAt starts a replica with a clock of its own.
func startAt(t *testing.T, identity string, client *client, clock leaderelection.Clock) replica {
	t.Helper()
	r := replica{
		terms: make(chan context.Context, maxTerms), drained: make(chan struct{}), ended: make(chan error, 1),
		metrics: prometheus.NewPedanticRegistry(),
	}
	r.elector = newElectorAt(t, identity, client, clock, r.metrics)
	var ctx context.Context
	ctx, r.stop = context.WithCancel(t.Context())
	go func() {
		r.ended <- r.elector.Run(ctx, func(_, term context.Context) {
			r.terms <- term
			<-r.drained
		})
	}()
	t.Cleanup(func() { // so that a failed test isn't a deadlock
		r.stop()
		close(r.drained)
	})
	return r
}

func newElector(t *testing.T, identity string, client *client, metrics prometheus.Registerer) *leaderelection.Elector {
	t.Helper()
	return newElectorAt(t, identity, client, clock(), metrics)
}

func newElectorAt(t *testing.T, identity string, client *client, clock leaderelection.Clock, metrics prometheus.Registerer) *leaderelection.Elector {
	t.Helper()
	elector, err := leaderelection.New(leaderelection.Config{
		Options: leaderelection.DefaultOptions(), Identity: identity, Client: client, Clock: clock, Log: zap.NewNop(), Metrics: metrics,
	})
	if err != nil {
		t.Fatal(err)
	}
	return elector
}

// clock returns one that goes with the time of a synctest bubble.
func clock() leaderelection.Clock {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// settle waits for what takes milliseconds: to acquire a lease that is free.
func settle() {
	time.Sleep(30 * time.Millisecond)
	synctest.Wait()
}

// term returns the context of the term that has just begun.
func (r replica) term(t *testing.T) context.Context {
	t.Helper()
	settle()
	select {
	case term := <-r.terms:
		return term
	default:
		t.Fatal("no term has begun")
		return nil
	}
}

func (r replica) wantNoTerm(t *testing.T) {
	t.Helper()
	settle()
	select {
	case <-r.terms:
		t.Error("a term has begun")
	default:
	}
}

// wantEnd fails the test unless Run returns now.
func (r replica) wantEnd(t *testing.T) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	default:
		t.Fatal("Run goes on")
	}
}

func (r replica) wantLeading(t *testing.T, want int) {
	t.Helper()
	text := fmt.Sprintf(`
# HELP leader_election_master_status Whether this process holds the lease: 1 if it does, 0 if not.
# TYPE leader_election_master_status gauge
leader_election_master_status{name="wheelhouse"} %d
`, want)
	if err := testutil.GatherAndCompare(r.metrics, strings.NewReader(text), "leader_election_master_status"); err != nil {
		t.Error(err)
	}
}

func TestTermBeginsWhenTheLeaseIsWon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		term := r.term(t)
		server.wantHolder(t, "a")
		r.wantLeading(t, 1)
		time.Sleep(time.Hour)
		if err := term.Err(); err != nil {
			t.Errorf("the term ended while the lease was held: %v", err)
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

func TestLeaseIsKeptUntilTheDrainIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		term := r.term(t)
		r.stop()
		time.Sleep(time.Minute) // longer than the lease lasts without renewals
		if err := term.Err(); err != nil {
			t.Errorf("the term ended before its drain: %v", err)
		}
		server.wantHolder(t, "a")
		r.wantLeading(t, 1)
		if age := time.Since(server.spec(t).RenewTime.Time); age > 3*time.Second {
			t.Errorf("the lease was renewed %v ago, want every 2s during the drain", age)
		}
		r.drained <- struct{}{}
		r.wantEnd(t)
		server.wantHolder(t, "")
		r.wantLeading(t, 0)
		if err := term.Err(); err == nil {
			t.Error("the term goes on after the lease was released")
		}
	})
}

func TestReleasedLeaseIsTakenWithoutWaitingForItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		first := start(t, "a", server.client(way{}))
		first.term(t)
		second := start(t, "b", server.client(way{}))
		time.Sleep(time.Minute)
		second.wantNoTerm(t)
		second.wantLeading(t, 0)
		first.stop()
		first.drained <- struct{}{}
		first.wantEnd(t)
		second.term(t)
		server.wantHolder(t, "b")
		second.stop()
		second.drained <- struct{}{}
		second.wantEnd(t)
	})
}

func TestStandbyEndsAtOnceAndLeavesTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		server.steal("other", time.Hour)
		want := server.spec(t)
		r := start(t, "a", server.client(way{}))
		time.Sleep(time.Minute)
		r.wantNoTerm(t)
		r.stop()
		r.wantEnd(t)
		if diff := cmp.Diff(want, server.spec(t)); diff != "" {
			t.Errorf("the lease of somebody else (-want +got)\n%s", diff)
		}
	})
}

func TestNothingIsAskedWhenItIsOverBeforeItBegins(t *testing.T) {
	client := new(leases).client(way{})
	elector := newElector(t, "a", client, prometheus.NewRegistry())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := elector.Run(ctx, func(_, _ context.Context) { t.Error("a term has begun") }); err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
	if verbs := client.sent(); len(verbs) != 0 {
		t.Errorf("the API server was asked to %v", verbs)
	}
}

func TestMetricIsRegisteredOnce(t *testing.T) {
	metrics := prometheus.NewRegistry()
	newElector(t, "a", new(leases).client(way{}), metrics)
	_, err := leaderelection.New(leaderelection.Config{
		Options: leaderelection.DefaultOptions(), Identity: "b", Client: new(leases).client(way{}), Clock: clock(), Log: zap.NewNop(), Metrics: metrics,
	})
	if err == nil {
		t.Error("two electors share one registry and one lease, and New says nothing")
	}
}
