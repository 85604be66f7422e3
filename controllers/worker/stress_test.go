package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestConcurrentUse lets real goroutines add, fail and requeue thousands of keys: none is held twice at once, and in the end
// the last reconcile of each has seen the last add. A lost key or wake-up makes it hang.
func TestConcurrentUse(t *testing.T) {
	s := stress{t: t, queue: newQueue(newMetrics())}
	ctx, end := context.WithCancel(t.Context())
	s.end = end
	var adding, working sync.WaitGroup
	for n := range uint64(4) {
		adding.Go(func() { s.add(rand.New(rand.NewPCG(n, 0))) })
	}
	for n := range uint64(8) {
		working.Go(func() { s.work(ctx, rand.New(rand.NewPCG(n, 1))) })
	}
	adding.Wait()
	s.added.Store(true)
	s.endIfDone()
	working.Wait()
	for i := range s.wanted {
		if want, got := s.wanted[i].Load(), s.seen[i].Load(); want != got {
			t.Errorf("%v was added %d times, the last reconcile saw %d of them", number(i), want, got)
		}
	}
}

const stressKeys = 2000

type stress struct {
	t            *testing.T
	queue        *queue
	holders      [stressKeys]atomic.Int32
	wanted, seen [stressKeys]atomic.Int64 // adds, and how many of them the last good reconcile saw
	added        atomic.Bool              // all that will be
	end          context.CancelFunc
}

func (s *stress) add(random *rand.Rand) {
	for range 5 * stressKeys {
		i := random.IntN(stressKeys)
		s.wanted[i].Add(1)
		s.queue.add(number(i), Priority(random.IntN(2)), Cause{})
	}
}

func (s *stress) work(ctx context.Context, random *rand.Rand) {
	for key, ok := s.queue.get(ctx); ok; key, ok = s.queue.get(ctx) {
		i, how := index(key), random.IntN(6)
		if s.holders[i].Add(1) > 1 {
			s.t.Errorf("%v is held by two workers", key)
		}
		if isGood := how > 1; isGood {
			s.seen[i].Store(s.wanted[i].Load())
		}
		s.holders[i].Add(-1)
		release(s.queue, key, how)
		s.endIfDone()
	}
}

func (s *stress) endIfDone() {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	if s.added.Load() && len(s.queue.items) == 0 {
		s.end()
	}
}

func release(q *queue, key Key, how int) {
	switch how {
	case 0:
		q.fail(key, "broken")
	case 1:
		q.putBack(key)
	case 2:
		q.succeed(key, time.Microsecond)
	default:
		q.succeed(key, 0)
	}
}

func number(i int) Key {
	return Key{Namespace: fmt.Sprint(i % 7), Name: fmt.Sprint(i)}
}

func index(key Key) int {
	var i int
	_, _ = fmt.Sscan(key.Name, &i)
	return i
}
