package leaderelection_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	coordinationv1 "k8s.io/api/coordination/v1"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// terms are those of all rivals for one lease.
type terms struct {
	mu      sync.Mutex
	running map[string]context.Context // guarded by mu; by identity
	begun   int                        // guarded by mu
}

func (l *terms) begin(t *testing.T, identity string, term context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for other, running := range l.running {
		if running.Err() == nil && term.Err() == nil {
			t.Errorf("a term of %s begins while one of %s goes on", identity, other)
		}
	}
	l.running[identity] = term
	l.begun++
}

func (l *terms) end(identity string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, identity)
}

// below returns a time up to the bound, never 0: then two things could happen at once.
func below(random *rand.Rand, bound time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(bound))) + 1
}

// unreliable is a way on which requests and answers get lost and late. An answer that comes late without an error is what a
// process sees that was paused.
func unreliable(random *rand.Rand) way {
	var mu sync.Mutex // of random
	draw := func() (fate int, short, long time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		return random.IntN(20), below(random, 100*time.Millisecond), below(random, 20*time.Second)
	}
	travel := func() error {
		switch fate, short, long := draw(); fate {
		case 0:
			time.Sleep(5 * time.Second)
			return errUnreachable
		case 1:
			time.Sleep(long)
		default:
			time.Sleep(short)
		}
		return nil
	}
	return way{there: travel, back: func(string) error { return travel() }}
}

// Whatever becomes of requests and answers, no two replicas work at the same time.
func TestRivalsNeverWorkAtTheSameTime(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { contend(t, seed) })
		})
	}
}

func contend(t *testing.T, seed uint64) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	server, all := &leases{}, &terms{running: map[string]context.Context{}}
	var rivals sync.WaitGroup
	for i, identity := range []string{"a", "b", "c"} {
		requests, stays := rand.New(rand.NewPCG(seed, uint64(i))), rand.New(rand.NewPCG(uint64(i), seed))
		elector := newElector(t, identity, server.client(unreliable(requests)), prometheus.NewRegistry())
		rivals.Go(func() {
			err := elector.Run(ctx, func(_, term context.Context) {
				all.begin(t, identity, term)
				defer all.end(identity)
				select { // drained with the process, lost, or left
				case <-ctx.Done():
				case <-term.Done():
				case <-time.After(below(stays, 10*time.Minute)):
				}
			})
			if err != nil {
				t.Errorf("Run of %s = %v, want nil", identity, err)
			}
		})
	}
	rivals.Wait()
	if all.begun < 20 {
		t.Errorf("only %d terms in an hour: they show nothing", all.begun)
	}
	t.Logf("%d terms", all.begun)
}

// A replica that could not work yet leaves the lease to one that can, and takes it if there is none.
func TestColdReplicaLeavesTheLeaseToOthers(t *testing.T) {
	for _, others := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var server leases
			server.steal("dead", 15*time.Second)
			notes := time.NewTicker(300 * time.Millisecond) // which change nothing
			defer notes.Stop()
			ctx, cancel := context.WithCancel(t.Context())
			cold := newElector(t, "cold", server.client(way{}), prometheus.NewRegistry())
			cold.Handicap(func() bool { return true })
			var running sync.WaitGroup
			electors := []*leaderelection.Elector{cold}
			if others {
				electors = append(electors, newElector(t, "warm", server.client(way{}), prometheus.NewRegistry()))
			}
			for _, elector := range electors {
				running.Go(func() {
					_ = elector.Run(ctx, func(drain, _ context.Context) { <-drain.Done() }) // never returns an error
				})
			}
			running.Go(func() {
				for ctx.Err() == nil {
					select {
					case at := <-notes.C:
						server.edit(func(lease *coordinationv1.Lease) { lease.Annotations = map[string]string{"at": at.String()} })
					case <-ctx.Done():
					}
				}
			})
			time.Sleep(16 * time.Second)
			want := map[bool]string{true: "warm", false: "dead"}[others]
			server.wantHolder(t, want)
			time.Sleep(2 * time.Second)
			want = map[bool]string{true: "warm", false: "cold"}[others]
			server.wantHolder(t, want)
			cancel()
			running.Wait()
		})
	}
}
