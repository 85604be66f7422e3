package worker

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

const (
	// minBackoff is the delay after the first failure, as in kube-controller-manager.
	minBackoff = 5 * time.Millisecond
	// maxBackoff is the longest delay: what was denied and then allowed is done within it. kube-controller-manager waits up
	// to 1000 s.
	maxBackoff = 30 * time.Second
	// backoffJitter is the share of a delay that is left to chance, so that keys which failed together don't retry together.
	backoffJitter = 0.1
)

// backoff returns how long to wait after that many failures in a row.
func backoff(failures int) time.Duration {
	delay := maxBackoff
	if doublings := failures - 1; doublings < 13 { // 5 ms × 2^13 is more than 30 s
		delay = minBackoff << doublings
	}
	return delay - time.Duration(rand.Float64()*backoffJitter*float64(delay))
}

// waitingKeys is a heap of the keys that wait for their time, the next one first.
type waitingKeys []*item

func (w *waitingKeys) add(it *item) {
	heap.Push(w, it)
}

// remove takes the item out if it is there.
func (w *waitingKeys) remove(it *item) {
	if it.position >= 0 {
		heap.Remove(w, it.position)
	}
}

// next returns how long it is from now until the first key is due.
func (w waitingKeys) next(now time.Time) time.Duration {
	if len(w) == 0 {
		return forever
	}
	return w[0].due.Sub(now)
}

// Len, Less, Swap, Push and Pop are for package heap.

func (w waitingKeys) Len() int           { return len(w) }
func (w waitingKeys) Less(i, j int) bool { return w[i].due.Before(w[j].due) }

func (w waitingKeys) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].position, w[j].position = i, j
}

func (w *waitingKeys) Push(it any) {
	it.(*item).position = len(*w)
	*w = append(*w, it.(*item))
}

func (w *waitingKeys) Pop() any {
	last := len(*w) - 1
	it := (*w)[last]
	(*w)[last] = nil
	*w = (*w)[:last]
	it.position = -1
	return it
}
