package worker

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// block is what keeps an object from being what it should be though its reconciles go well.
type block struct {
	since  time.Time // when a reconcile first said so, of those in a row
	reason string    // that the last one gave
}

// blockLocked takes in what blocks the key, "" if nothing does.
func (q *queue) blockLocked(it *item, reason string) {
	switch {
	case reason == "" && it.block != nil:
		it.block = nil
		q.blocked--
	case reason != "" && it.block == nil:
		it.block = &block{since: time.Now(), reason: reason}
		q.blocked++
	case reason != "":
		it.block.reason = reason
	}
}

// Blocked returns the n keys that have been blocked longest, those first that have been so for longer.
func (w *Worker) Blocked(n int) []KeyState {
	return w.queue.longestBlocked(max(n, 0))
}

// blockedKey is a key and since when it is blocked.
type blockedKey struct {
	key   Key
	since time.Time
}

// longestBlocked sorts without holding the lock, as mostFailing does.
func (q *queue) longestBlocked(n int) []KeyState {
	blocked := q.blockedKeys()
	slices.SortFunc(blocked, func(a, b blockedKey) int {
		return cmp.Or(a.since.Compare(b.since), strings.Compare(a.key.Namespace, b.key.Namespace), strings.Compare(a.key.Name, b.key.Name))
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	var states []KeyState
	for _, b := range blocked[:min(n, len(blocked))] {
		if it := q.items[b.key]; it != nil && it.block != nil { // still
			states = append(states, q.stateLocked(it))
		}
	}
	return states
}

func (q *queue) blockedKeys() []blockedKey {
	q.mu.Lock()
	defer q.mu.Unlock()
	blocked := make([]blockedKey, 0, q.blocked)
	if q.blocked == 0 {
		return blocked
	}
	for _, it := range q.items {
		if it.block != nil {
			blocked = append(blocked, blockedKey{it.key, it.block.since})
		}
	}
	return blocked
}
