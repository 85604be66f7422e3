package record

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Request is a kind of requests: those that this doesn't tell apart are counted together.
type Request struct {
	Verb, Resource string
	Code           int
}

// IsWrite reports whether the request is one that the API server stores, or refuses to. Reviews are created, and stored nowhere.
func (r Request) IsWrite() bool {
	return !strings.HasSuffix(r.Resource, "reviews") && slices.Contains([]string{"create", "update", "patch", "delete", "deletecollection"}, r.Verb)
}

// isEvent reports whether the request is about an event.
func (r Request) isEvent() bool {
	return strings.HasPrefix(r.Resource, "events")
}

// IsConflict reports whether the request is a write that was made from an older state than there was: an update that was refused, or a JSON
// patch whose test failed. What is created and there already is none.
func (r Request) IsConflict() bool {
	return r.IsWrite() && r.Verb != "create" && r.Code == http.StatusConflict || r.Verb == "patch" && r.Code == http.StatusUnprocessableEntity
}

// MarshalText makes the request a key in JSON: "patch deployments/status 200".
func (r Request) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%s %s %d", r.Verb, r.Resource, r.Code), nil
}

// UnmarshalText reads what MarshalText writes.
func (r *Request) UnmarshalText(text []byte) error {
	if _, err := fmt.Fscan(bytes.NewReader(text), &r.Verb, &r.Resource, &r.Code); err != nil {
		return fmt.Errorf("%q is no kind of requests: %w", text, err)
	}
	return nil
}

// Requests are counts.
type Requests map[Request]int

// Sum counts the requests for which holds returns true.
func (q Requests) Sum(holds func(Request) bool) int {
	n := 0
	for r, count := range q {
		if holds(r) {
			n += count
		}
	}
	return n
}

// Total counts all.
func (q Requests) Total() int { return q.Sum(func(Request) bool { return true }) }

// NoWatches counts all but watches. Those end and begin anew every five to ten minutes, so that it is chance whether they do in one minute.
func (q Requests) NoWatches() int { return q.Sum(func(r Request) bool { return r.Verb != "watch" }) }

// Writes counts refused ones and events too: the API server has had the work.
func (q Requests) Writes() int { return q.Sum(Request.IsWrite) }

// WritesButEvents counts writes that are about no event.
func (q Requests) WritesButEvents() int {
	return q.Sum(func(r Request) bool { return r.IsWrite() && !r.isEvent() })
}

// Conflicts counts writes that were made from an older state than there was.
func (q Requests) Conflicts() int { return q.Sum(Request.IsConflict) }
