package leaderelection_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// handover starts a leader and a standby whose requests go by the way, and lets the leader give the lease up in the given manner
// after a minute. It returns how long it took until the standby's term began.
func handover(t *testing.T, w way, giveUp func(leader replica, server *leases)) time.Duration {
	t.Helper()
	var server leases
	leader := start(t, "a", server.client(way{}))
	leader.term(t)
	standby := start(t, "b", server.client(w))
	time.Sleep(time.Minute)
	standby.wantNoTerm(t)
	giveUp(leader, &server)
	begin := time.Now()
	select {
	case <-standby.terms:
	case <-time.After(time.Hour):
		t.Fatal("the standby doesn't take over")
	}
	took := time.Since(begin)
	server.wantHolder(t, "b")
	standby.stop()
	standby.drained <- struct{}{}
	standby.wantEnd(t)
	return took
}

func drain(leader replica, _ *leases) {
	leader.stop()
	leader.drained <- struct{}{}
}

func TestStandbyTakesOver(t *testing.T) {
	noWatch := way{back: func(verb string) error {
		if verb == "watch" {
			return errors.New("watch is not allowed")
		}
		return nil
	}}
	tests := []struct {
		name   string
		way    way
		giveUp func(leader replica, server *leases)
		within time.Duration
	}{
		{"of a drained leader, at once", way{}, drain, 25 * time.Millisecond},
		{"when the lease is deleted, at once", way{}, func(_ replica, server *leases) { server.remove() }, 25 * time.Millisecond},
		{"when the lease expires", way{}, func(_ replica, server *leases) { server.steal("dead", 15*time.Second) }, 15025 * time.Millisecond},
		{"without a watch, with its next look", noWatch, drain, 2425 * time.Millisecond},
		{"without a watch, when the lease expires", noWatch,
			func(_ replica, server *leases) { server.steal("dead", 15*time.Second) }, 15025*time.Millisecond + 2400*time.Millisecond},
		{"although its watch is never answered", way{mute: true}, drain, 4025 * time.Millisecond},
		{"although its watch is frozen", way{}, func(leader replica, server *leases) {
			server.freeze()
			drain(leader, server)
		}, 4025 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took := handover(t, tt.way, tt.giveUp)
				t.Logf("took over after %v", took)
				if took > tt.within {
					t.Errorf("took over after %v, want within %v", took, tt.within)
				}
			})
		})
	}
}

// Who isn't told of renewals by a watch reads the lease: it would try to take it from a holder that lives.
func TestUnansweredWatchIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		leader := start(t, "a", server.client(way{}))
		leader.term(t)
		client := server.client(way{mute: true})
		standby := start(t, "b", client)
		time.Sleep(time.Minute)
		sent := client.sent()
		if slices.Contains(sent, "update") {
			t.Errorf("it has sent %q, want no update", sent)
		}
		standby.stop()
		standby.wantEnd(t)
		drain(leader, &server)
		leader.wantEnd(t)
	})
}

// Many standbys see the release at the same moment. Most of them see somebody else's acquisition before they try.
func TestStandbysDoNotStampede(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const standbys = 20
		var server leases
		travels := way{there: func() error { time.Sleep(time.Millisecond); return nil }}
		leader := start(t, "leader", server.client(way{}))
		leader.term(t)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		var clients []*client
		for i := range standbys {
			clients = append(clients, server.client(travels))
			elector := newElector(t, string(rune('a'+i)), clients[i], prometheus.NewRegistry())
			running.Go(func() {
				_ = elector.Run(ctx, func(drain, _ context.Context) { <-drain.Done() }) // never returns an error
			})
		}
		time.Sleep(time.Minute)
		drain(leader, &server)
		time.Sleep(time.Second)
		tries := 0
		for _, client := range clients {
			for _, verb := range client.sent() {
				if verb == "update" || verb == "create" {
					tries++
				}
			}
		}
		t.Logf("%d of %d standbys tried", tries, standbys)
		if tries == 0 || tries > standbys/2 {
			t.Errorf("%d of %d standbys tried to take the lease, want a few", tries, standbys)
		}
		cancel()
		running.Wait()
	})
}

// A lease that a paused or sleeping process took for its own may be another's by now.
func TestTermIsOverForWhoSleptThroughItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		slept := new(sleepyClock)
		r := startAt(t, "a", server.client(way{}), slept.now)
		term := r.term(t)
		time.Sleep(time.Minute)
		slept.sleep(11 * time.Second) // longer than the renew deadline; timers stood still
		wantLoss(t, term, 2*time.Second)
		r.drained <- struct{}{}
		r.term(t) // nobody has taken it
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

// sleepyClock is that of a machine which sleeps now and then: its timers stand still meanwhile.
type sleepyClock struct {
	mu    sync.Mutex
	slept time.Duration // guarded by mu
	start time.Time     // guarded by mu
}

func (c *sleepyClock) sleep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept += d
}

func (c *sleepyClock) now() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.start.IsZero() {
		c.start = time.Now()
	}
	return time.Since(c.start) + c.slept
}
