package faultproxy

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// maxRecords bounds what a proxy remembers: some hundred bytes each. A test that makes more requests asks in time.
const maxRecords = 1_000_000

// records are the requests so far.
type records struct {
	mu    sync.Mutex
	list  []*record // guarded by mu
	begun int       // guarded by mu: more than list holds if it is full
}

// record is one request.
type record struct {
	all   *records
	about Request // guarded by all.mu where it changes: Code, Upstream and End
}

func (r *records) begin(about Request) *record {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &record{all: r, about: about}
	r.begun++
	if len(r.list) < maxRecords {
		r.list = append(r.list, one)
	}
	return one
}

func (r *record) end() {
	r.set(func(about *Request) { about.End = time.Now() })
}

func (r *record) set(change func(*Request)) {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	change(&r.about)
}

// Requests returns the requests that match so far, in the order in which they came.
func (p *Proxy) Requests(m Match) []Request {
	p.t.Helper()
	p.records.mu.Lock()
	list := slices.Clone(p.records.list)
	copies := make([]Request, 0, len(list))
	for _, one := range list {
		copies = append(copies, one.about)
	}
	lost := p.records.begun - len(list)
	p.records.mu.Unlock()
	if lost > 0 {
		p.t.Errorf("%d requests were not recorded", lost)
	}
	return slices.DeleteFunc(copies, func(r Request) bool { return !m.Matches(r) })
}

// Count returns how many requests match so far.
func (p *Proxy) Count(m Match) int {
	p.t.Helper()
	return len(p.Requests(m))
}

// answer notes what the client is told.
type answer struct {
	http.ResponseWriter
	record *record
}

func (a *answer) WriteHeader(code int) {
	a.record.set(func(about *Request) { about.Code = code })
	a.ResponseWriter.WriteHeader(code)
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// upstreamAnswer notes what the API server says.
type upstreamAnswer struct {
	http.ResponseWriter
	record *record
}

func (a *upstreamAnswer) WriteHeader(code int) {
	a.record.set(func(about *Request) { about.Upstream = code })
	a.ResponseWriter.WriteHeader(code)
}

func (a *upstreamAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// nowhere takes an answer that nobody gets.
type nowhere struct {
	header http.Header
}

func (n nowhere) Header() http.Header            { return n.header }
func (n nowhere) Write(text []byte) (int, error) { return len(text), nil }
func (n nowhere) WriteHeader(int)                {}
