package worker

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Place is where a key is.
type Place string

// Each key is in one of these places.
const (
	Ready   Place = "ready"   // for a worker to take it
	Waiting Place = "waiting" // for a time
	Running Place = "running" // in the hands of a worker
	Idle    Place = "idle"    // until an event names it; also where there is no such object
)

// KeyState is what the queue knows of a key. Its JSON is written as Record's.
type KeyState struct {
	Key   Ref   `json:"key"`
	State Place `json:"state"`
	// Since is when the key became ready, or was taken by the worker that holds it.
	Since time.Time `json:"since,omitzero"`
	// Due is when a waiting key becomes ready.
	Due time.Time `json:"due,omitzero"`
	// Failures counts failures in a row, FailingSince says when the first of them ended, and LastError what the last one was.
	Failures     int       `json:"failures,omitzero"`
	FailingSince time.Time `json:"failingSince,omitzero"`
	LastError    string    `json:"lastError,omitempty"`
	// Blocked is what keeps the object from being what it should be though its reconciles go well, BlockedSince since when something
	// has.
	Blocked      string    `json:"blocked,omitempty"`
	BlockedSince time.Time `json:"blockedSince,omitzero"`
	// Pending are the causes for which the key is ready, or will be once the worker that holds it is done.
	Pending        []Cause `json:"pending,omitempty"`
	PendingOmitted int     `json:"pendingOmitted,omitzero"`
}

// History is what is known of a key: its state and its records, the newest first.
type History struct {
	KeyState
	Records []Record `json:"records"`
}

// History returns what is known of the key, which may be any.
func (w *Worker) History(key Key) History {
	h := History{KeyState: w.queue.state(key)}
	h.Records = w.ring.last(maxRecords, func(r *record) bool { return r.key == key })
	return h
}

// Failing returns the n keys with the most failures in a row, those with more first.
func (w *Worker) Failing(n int) []KeyState {
	return w.queue.mostFailing(max(n, 0))
}

func (q *queue) state(key Key) KeyState {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.promoteLocked(time.Now())
	it, known := q.items[key]
	if !known {
		return KeyState{Key: Ref(key), State: Idle}
	}
	return q.stateLocked(it)
}

func (q *queue) stateLocked(it *item) KeyState {
	s := KeyState{
		Key: Ref(it.key), State: Idle,
		Pending: it.why.list(), PendingOmitted: it.why.omitted(),
	}
	if f := it.failure; f != nil {
		s.Failures, s.FailingSince, s.LastError = f.times, f.since, f.last
	}
	if b := it.block; b != nil {
		s.Blocked, s.BlockedSince = b.reason, b.since
	}
	switch {
	case q.isHeldLocked(it):
		s.State, s.Since = Running, it.visit.started
	case q.ready.has(it):
		s.State, s.Since = Ready, it.since
	case it.position >= 0:
		s.State, s.Due = Waiting, it.due
	}
	return s
}

// failingKey is a key and how often in a row it has failed.
type failingKey struct {
	key   Key
	times int
}

// mostFailing sorts without holding the lock: there may be many failing keys, and workers wait for it.
func (q *queue) mostFailing(n int) []KeyState {
	failing := q.failingKeys()
	slices.SortFunc(failing, func(a, b failingKey) int {
		return cmp.Or(b.times-a.times, strings.Compare(a.key.Namespace, b.key.Namespace), strings.Compare(a.key.Name, b.key.Name))
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	var states []KeyState
	for _, f := range failing[:min(n, len(failing))] {
		if it := q.items[f.key]; it != nil && it.failure != nil { // still
			states = append(states, q.stateLocked(it))
		}
	}
	return states
}

func (q *queue) failingKeys() []failingKey {
	q.mu.Lock()
	defer q.mu.Unlock()
	var failing []failingKey
	for _, it := range q.items {
		if it.failure != nil {
			failing = append(failing, failingKey{it.key, it.failure.times})
		}
	}
	return failing
}
