package leaderelection

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
	f := &fence{elector: e, sending: map[*term]int{}}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return fencedTripper{fence: f, next: next}
	})
	dial := config.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &fencedConn{Conn: conn, fence: f}, nil
	}
}

// dialTimeout bounds how long a connection may take to be made; it is client-go's.
const dialTimeout = 30 * time.Second

// fence knows which terms have writes on their way.
type fence struct {
	elector *Elector

	mu      sync.Mutex
	sending map[*term]int // guarded by mu: how many writes of the term have been begun and not answered
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
	return t, nil
}

func (f *fence) leave(t *term) {
	f.mu.Lock()
	defer f.mu.Unlock()
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
		if t.over() {
			return nil, f.fence.refuse(cutShort, context.Cause(t.context))
		}
		return nil, err
	}
	response.Body = boundBody{ReadCloser: response.Body, stop: stop}
	return response, nil
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
// it has just been sent, nobody else would (https://kubernetes.io/docs/reference/using-api/api-concepts/).
func limited(request *http.Request, to time.Duration) *http.Request {
	query := request.URL.Query()
	if query.Has("timeout") {
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

// fencedConn is a connection that carries writes. It looks at the clock once more when they are sent: between the tripper and this, a
// process may be paused for as long as one likes.
type fencedConn struct {
	net.Conn
	fence *fence
}

func (c *fencedConn) Write(text []byte) (int, error) {
	if c.fence.isClosed() {
		_ = c.Close() // half a request must not be followed by others
		return 0, c.fence.refuse(connection, expired)
	}
	return c.Conn.Write(text)
}
