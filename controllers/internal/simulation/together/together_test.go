// Package together simulates the controllers deployment and replicaset at work on the same Deployment, in one process or in two.
//
// Everything between the controllers' queues and the network is what production runs. The API server, the watches that fill the
// caches, garbage collection, kubelets and users are models, and what happens when is drawn from a seed.
package together

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// simulateFlags say which simulations run: -simulate.seeds of them, or the one of -simulate.seed, with its log.
type simulateFlags struct {
	seeds *uint64
	seed  *uint64
}

var simulate = simulateFlags{
	seeds: flag.Uint64("simulate.seeds", 300, "how many simulations run"),
	seed:  flag.Uint64("simulate.seed", 0, "the only simulation to run, with its log; 0 runs all"),
}

// TestSimulation lets users, kubelets and processes that fail and lag behind act in random order, and then lets them come to rest.
// What is promised of each write is checked when it is sent (see invariants_test.go), and what is promised of the outcome in the
// end (see end_test.go).
func TestSimulation(t *testing.T) {
	if seed := *simulate.seed; seed != 0 {
		w := newWorld(seed)
		w.run()
		t.Log(strings.Join(w.log, "\n"))
		if w.failure != "" {
			t.Fatal(w.failure)
		}
		return
	}
	if w := firstFailure(*simulate.seeds, func(*world) {}); w != nil {
		t.Fatalf("%s\nreplay with: go test ./controllers/internal/simulation/together -run TestSimulation$ -simulate.seed=%d -v\n%s",
			w.failure, w.seed, strings.Join(w.log[max(0, len(w.log)-60):], "\n"))
	}
}

// firstFailure runs the simulations of seeds 1 to n, as many at once as there are processors, until one fails. It returns that, or
// nil.
func firstFailure(n uint64, prepare func(*world)) *world {
	var next atomic.Uint64
	var failed atomic.Pointer[world]
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for seed := next.Add(1); seed <= n && failed.Load() == nil; seed = next.Add(1) {
				w := newWorld(seed)
				prepare(w)
				if w.run(); w.failure != "" {
					failed.CompareAndSwap(nil, w)
				}
			}
		})
	}
	all.Wait()
	return failed.Load()
}

// TestReplays makes sure that a seed says all: else no failure could be replayed.
func TestReplays(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		first, second := newWorld(seed), newWorld(seed)
		first.run()
		second.run()
		if a, b := fmt.Sprint(first.log), fmt.Sprint(second.log); a != b {
			t.Fatalf("seed %d: two runs differ", seed)
		}
	}
}
