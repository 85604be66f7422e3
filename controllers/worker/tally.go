package worker

import (
	"context"
	"slices"
	"sync"
)

// Write is a kind of request that a reconcile made to change something.
type Write struct {
	Verb     string `json:"verb"`     // "create"
	Resource string `json:"resource"` // "pods", "deployments.apps/status"
	// Code is the HTTP status of the answer, 0 where none came.
	Code  int `json:"code"`
	Count int `json:"count"`
}

// maxWrites is how many kinds of writes of one reconcile are kept. A reconcile does few different things, if some of them many times.
const maxWrites = 8

// tally counts the writes of one reconcile, which may make several at once.
type tally struct {
	mu      sync.Mutex
	writes  []Write // guarded by mu
	omitted int     // guarded by mu: writes for which there was no place
	closed  bool    // guarded by mu: the reconcile has returned
}

// NoteWrite counts a write for the record of the reconcile in whose context it was made. With any other context it does nothing.
// The host calls it where the requests pass. Verb and resource must not contain names of objects.
func NoteWrite(ctx context.Context, verb, resource string, code int) {
	if t, ok := ctx.Value(tallyKey{}).(*tally); ok {
		t.add(Write{Verb: verb, Resource: resource, Code: code, Count: 1})
	}
}

func (t *tally) add(write Write) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.writes, func(w Write) bool {
		return w.Verb == write.Verb && w.Resource == write.Resource && w.Code == write.Code
	})
	switch {
	case t.closed:
	case at >= 0:
		t.writes[at].Count++
	case len(t.writes) == maxWrites:
		t.omitted++
	default:
		t.writes = append(t.writes, write)
	}
}

// close returns what was counted. What comes later, from a goroutine that outlives its reconcile, is not.
func (t *tally) close() (writes []Write, omitted int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	return t.writes, t.omitted
}

type tallyKey struct{}

// tallied is a context with a tally, in one piece: every reconcile needs one.
type tallied struct {
	context.Context
	tally tally
}

func (c *tallied) Value(key any) any {
	if key == (tallyKey{}) {
		return &c.tally
	}
	return c.Context.Value(key)
}
