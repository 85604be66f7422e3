package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestChangeWakesAWorkerThatHasJustLooked has a change of the queue come when the only idle worker has seen that there is
// nothing to do and has not gone to sleep yet.
func TestChangeWakesAWorkerThatHasJustLooked(t *testing.T) {
	key := Key{Name: "a"}
	tests := []struct {
		name   string
		held   bool // the key, by another worker
		change func(*queue)
	}{
		{"add", false, func(q *queue) { q.add(key, Live, Cause{}) }},
		{"add in the background", false, func(q *queue) { q.add(key, Background, Cause{}) }},
		{"succeed after an add", true, func(q *queue) { q.add(key, Live, Cause{}); q.succeed(key, 0) }},
		{"succeed and requeue", true, func(q *queue) { q.succeed(key, time.Second) }},
		{"fail", true, func(q *queue) { q.fail(key, "broken") }},
		{"put back", true, func(q *queue) { q.putBack(key) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue(newMetrics())
				if tt.held {
					q.add(key, Live, Cause{})
					q.take()
					<-q.wake // gone to a worker that found nothing
				}
				q.take()
				tt.change(q)
				mustWake(t, q)
			})
		})
	}
}

// TestWakeUpIsPassedOn has two changes come when both idle workers have just looked: only one token is kept.
func TestWakeUpIsPassedOn(t *testing.T) {
	tests := []struct {
		name   string
		change func(*queue)
	}{
		{"two ready keys", func(q *queue) { q.add(Key{Name: "a"}, Live, Cause{}); q.add(Key{Name: "b"}, Live, Cause{}) }},
		{"a ready key and a waiting one", func(q *queue) { q.fail(Key{Name: "held"}, "broken"); q.add(Key{Name: "a"}, Live, Cause{}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue(newMetrics())
				q.add(Key{Name: "held"}, Live, Cause{})
				q.take()
				<-q.wake
				tt.change(q)
				mustWake(t, q)
				if _, _, ok := q.take(); !ok {
					t.Fatal("the first worker found no key")
				}
				mustWake(t, q)
			})
		})
	}
}

// mustWake goes to sleep as a worker does that has seen an empty queue.
func mustWake(t *testing.T, q *queue) {
	t.Helper()
	ctx, end := context.WithTimeout(t.Context(), time.Hour)
	defer end()
	q.sleep(ctx, forever)
	if ctx.Err() != nil {
		t.Error("nobody woke the worker")
	}
}

// TestNoWorkerIdlesWhileAKeyIsReady runs workers that reconcile keys for random times, with random results, while keys are
// added. Whenever all of it has come to rest, either no key is ready or no worker is idle.
func TestNoWorkerIdlesWhileAKeyIsReady(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			w := &wakeTest{queue: newQueue(newMetrics()), workers: 1 + random.IntN(4)}
			ctx, end := context.WithCancel(t.Context())
			for n := range w.workers {
				w.ended.Go(func() { w.work(ctx, seed<<8+uint64(n)) })
			}
			for range 200 {
				for range random.IntN(3) {
					w.queue.add(Key{Namespace: fmt.Sprint(random.IntN(2)), Name: fmt.Sprint(random.IntN(10))}, Priority(random.IntN(2)), Cause{})
				}
				time.Sleep(time.Duration(random.Int64N(int64(2 * time.Millisecond))))
				synctest.Wait()
				if err := w.check(); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			end()
			w.ended.Wait()
		})
	}
}

type wakeTest struct {
	queue   *queue
	workers int
	ended   sync.WaitGroup
}

func (w *wakeTest) work(ctx context.Context, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0))
	for {
		key, ok := w.queue.get(ctx)
		if !ok {
			return
		}
		time.Sleep(time.Duration(random.Int64N(int64(4 * time.Millisecond))))
		switch random.IntN(4) {
		case 0:
			w.queue.fail(key, "broken")
		case 1:
			w.queue.putBack(key)
		case 2:
			w.queue.succeed(key, time.Duration(random.Int64N(int64(10*time.Millisecond))))
		case 3:
			w.queue.succeed(key, 0)
		}
	}
}

// check looks at the queue without len, which would make due keys ready.
func (w *wakeTest) check() error {
	w.queue.mu.Lock()
	defer w.queue.mu.Unlock()
	ready, busy := w.queue.ready.len(), len(w.queue.held)
	if len(w.queue.waiting) > 0 && !w.queue.waiting[0].due.After(time.Now()) {
		ready++
	}
	if ready > 0 && busy < w.workers {
		return fmt.Errorf("%d keys are ready while %d of %d workers are idle", ready, w.workers-busy, w.workers)
	}
	return nil
}
