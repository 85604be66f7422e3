package faultproxy

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Watch says what is wrong with watches, whose connection stays alive.
type Watch struct {
	Late   time.Duration // events are delivered so much later than they come
	Frozen bool          // nothing is delivered; when that is lifted, all that has come meanwhile is
	Cut    bool          // the watch ends at once, as when the API server closes it
}

// stream serves a watch.
func (p *Proxy) stream(w http.ResponseWriter, r *http.Request, about Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	s := &stream{ResponseWriter: w, proxy: p, about: about, cancel: cancel, came: make(chan struct{}, 1), done: make(chan struct{})}
	go s.deliver(r.Context())
	defer func() {
		s.end()
		<-s.done // the response may not be written to later
		if value := recover(); value != nil && !s.cut {
			panic(value) // the API server broke off, and so do we
		}
	}()
	p.upstream.ServeHTTP(s, r.WithContext(ctx))
}

// watchFaults returns what rules say of a watch, and what is closed when they change.
func (p *Proxy) watchFaults(about Request) (Watch, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var w Watch
	for _, a := range p.rules {
		if a.Watch != nil && a.Match.Matches(about) {
			w.Late = max(w.Late, a.Watch.Late)
			w.Frozen, w.Cut = w.Frozen || a.Watch.Frozen, w.Cut || a.Watch.Cut
		}
	}
	return w, p.changed
}

// stream is the answer to a watch: what the API server writes waits here until it is delivered.
type stream struct {
	http.ResponseWriter
	proxy  *Proxy
	about  Request
	cancel context.CancelFunc // of the request to the API server
	came   chan struct{}      // holds a token when something has come
	done   chan struct{}      // closed when nothing more is delivered
	cut    bool               // set before done is closed

	mu      sync.Mutex
	waiting []piece // guarded by mu
	begun   bool    // guarded by mu: the header is sent
	ended   bool    // guarded by mu: nothing more comes
}

type piece struct {
	text []byte
	at   time.Time
}

// Write takes what comes from the API server. The client's slowness is not passed on: a frozen watch must not slow the others
// on the same connection down.
func (s *stream) Write(text []byte) (int, error) {
	s.mu.Lock()
	s.waiting = append(s.waiting, piece{append([]byte(nil), text...), time.Now()})
	s.mu.Unlock()
	s.tell()
	return len(text), nil
}

// FlushError says to who writes that the header is on its way; pieces are flushed when they are delivered.
func (s *stream) FlushError() error { return nil }

// WriteHeader sends the header at once: a frozen watch looks alive.
func (s *stream) WriteHeader(code int) {
	s.ResponseWriter.WriteHeader(code)
	_ = http.NewResponseController(s.ResponseWriter).Flush() // the next write tells if the client is gone
	s.mu.Lock()
	s.begun = true
	s.mu.Unlock()
	s.tell()
}

func (s *stream) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.tell()
}

func (s *stream) tell() {
	select {
	case s.came <- struct{}{}:
	default:
	}
}

// deliver writes the pieces when they are due, until none comes any more, the watch is cut or the client goes away.
func (s *stream) deliver(client context.Context) {
	defer close(s.done)
	defer s.cancel()
	for {
		faults, changed := s.proxy.watchFaults(s.about)
		if s.over(faults) {
			return
		}
		wait, ready := s.untilNext(faults)
		if ready && wait <= 0 {
			if !s.send() {
				return
			}
			continue
		}
		var due <-chan time.Time // nil, which never fires, when no piece is ready
		if ready {
			due = time.After(wait)
		}
		select {
		case <-s.came:
		case <-due:
		case <-changed:
		case <-client.Done():
			return
		case <-s.proxy.stopped.Done():
			return
		}
	}
}

// over reports whether nothing more is to be delivered.
func (s *stream) over(faults Watch) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = faults.Cut && s.begun
	return s.cut || s.ended && len(s.waiting) == 0
}

// untilNext returns how long it is until the first piece is due, and whether there is one.
func (s *stream) untilNext(faults Watch) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if faults.Frozen || len(s.waiting) == 0 {
		return 0, false
	}
	return time.Until(s.waiting[0].at.Add(faults.Late)), true
}

// send delivers the first piece and reports whether the client took it.
func (s *stream) send() bool {
	s.mu.Lock()
	first := s.waiting[0]
	s.waiting = s.waiting[1:]
	s.mu.Unlock()
	if _, err := s.ResponseWriter.Write(first.text); err != nil {
		return false
	}
	return http.NewResponseController(s.ResponseWriter).Flush() == nil
}
