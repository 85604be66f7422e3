package leaderelection

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"k8s.io/client-go/rest"
)

// ErrFenced is the error of a write that was not let through, because it belongs to no term that goes on.
var ErrFenced = errors.New("refused by the fence of leader election")

// Guard makes the clients of the config send writes within terms of this elector only. Reads pass. The context of a write must be
// the one that a term was begun with, or derived from it: so a write that was begun in one term, and waited for a rate limiter
// or to be tried again, isn't sent in the next. The config's clients get connections of their own.
func (e *Elector) Guard(config *rest.Config) {
	f := &fence{elector: e, sending: map[*term]int{}, connections: map[*fencedConn]struct{}{}}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return fencedTripper{fence: f, next: next}
	})
	f.guardConnections(config)
}

// fence knows which terms have writes on their way.
type fence struct {
	elector *Elector

	mu          sync.Mutex
	sending     map[*term]int            // guarded by mu: how many writes of the term have been begun and not answered
	connections map[*fencedConn]struct{} // guarded by mu: those that are open
	closing     *term                    // guarded by mu: with whose end they are closed, nil if with none
}

// enter returns the term to which the context belongs, and counts a write of it.
func (f *fence) enter(ctx context.Context) (*term, error) {
	t := termOf(ctx)
	if t == nil || t.elector != f.elector {
		return nil, f.refuse(noTerm, errors.New("its context is not of a term: use the one that the work was begun with"))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if t.over() {
		return nil, f.refuse(termOver, context.Cause(t.context))
	}
	f.sending[t]++
	t.beginWrite()
	return t, nil
}

func (f *fence) leave(t *term) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t.endWrite()
	if f.sending[t]--; f.sending[t] == 0 {
		delete(f.sending, t)
	}
}

// refuse counts a refusal and returns it as an error.
func (f *fence) refuse(why refusal, cause error) error {
	f.elector.metrics.refused[why].Inc()
	return fmt.Errorf("%w (%s): %w", ErrFenced, why, cause)
}

// isClosed reports whether what is about to be sent may be a write of a term that is over.
func (f *fence) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for t := range f.sending {
		if t.over() {
			return true
		}
	}
	return false
}

type fencedTripper struct {
	fence *fence
	next  http.RoundTripper
}

// WrappedRoundTripper lets client-go look through to the transport.
func (f fencedTripper) WrappedRoundTripper() http.RoundTripper {
	return f.next
}

func (f fencedTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	if !isWrite(request) {
		return f.next.RoundTrip(request)
	}
	t, err := f.fence.enter(request.Context())
	if err != nil {
		if request.Body != nil {
			_ = request.Body.Close() // which a RoundTripper has to, and nothing was read
		}
		return nil, err
	}
	defer f.fence.leave(t)
	ctx, stop := t.bind(request.Context())
	response, err := f.next.RoundTrip(limited(request.WithContext(ctx), t.safeFor()))
	if err != nil {
		stop()
		return nil, f.failed(t, err)
	}
	if response.StatusCode == http.StatusGatewayTimeout { // the server has stopped waiting for it, and it may go on
		t.doubt()
	}
	response.Body = boundBody{ReadCloser: response.Body, stop: stop}
	return response, nil
}

// failed returns the error of a write of which nobody knows whether it is carried out. What a transport has given up it may still be
// sending, so that with the term its connections end.
func (f fencedTripper) failed(t *term, err error) error {
	if !t.over() {
		t.doubt()
		f.fence.closeAfter(t)
		return err
	}
	f.fence.closeConnections()
	return f.fence.refuse(cutShort, context.Cause(t.context))
}

func isWrite(request *http.Request) bool {
	switch request.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return true
}

// bind returns a context that ends with the term too.
func (t *term) bind(ctx context.Context) (bound context.Context, stop func()) {
	bound, cancel := context.WithCancel(ctx)
	unbind := context.AfterFunc(t.context, cancel)
	return bound, func() {
		unbind()
		cancel()
	}
}

// limited returns the request with the wish that the API server gives it up after the given time: if this process is paused when
// it has just been sent, nobody else would (https://kubernetes.io/docs/reference/using-api/api-concepts/). The time counts from when the
// server has it. A shorter one that is asked for already stays.
func limited(request *http.Request, to time.Duration) *http.Request {
	query := request.URL.Query()
	if asked, err := time.ParseDuration(query.Get("timeout")); err == nil && asked > 0 && asked < to {
		return request
	}
	query.Set("timeout", max(to, time.Millisecond).Truncate(time.Millisecond).String())
	url := *request.URL
	url.RawQuery = query.Encode()
	request.URL = &url // the request is a copy of the client's
	return request
}

// boundBody is the body of an answer, whose request's context ends when it has been read.
type boundBody struct {
	io.ReadCloser
	stop func()
}

func (b boundBody) Close() error {
	defer b.stop()
	return b.ReadCloser.Close()
}
