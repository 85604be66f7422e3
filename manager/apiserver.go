package manager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// APIServer knows whether the API server can be reached, from the requests that pass: it sends none itself.
type APIServer struct {
	log *zap.Logger

	mu    sync.Mutex
	err   error     // guarded by mu: of the last request; nil if it was answered
	since time.Time // guarded by mu: of the first in a row that was not answered
}

// NewAPIServer returns an APIServer that tells the log when the API server goes and comes back.
func NewAPIServer(log *zap.Logger) *APIServer {
	return &APIServer{log: log}
}

// Wrap makes the requests of a client known. It fits rest.Config.Wrap.
func (a *APIServer) Wrap(next http.RoundTripper) http.RoundTripper {
	return watchedTripper{server: a, next: next}
}

// Check returns an error if the last request was not answered: "connection refused (for 12s)".
func (a *APIServer) Check() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		return nil
	}
	return fmt.Errorf("%w (for %v)", a.err, time.Since(a.since).Round(time.Second))
}

// note takes the error that a request ended with, or nil.
func (a *APIServer) note(err error) {
	if errors.Is(err, context.Canceled) { // we gave up, which says nothing of the server
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err != nil && a.err == nil:
		a.since = time.Now()
		a.log.Warn("the API server can't be reached", zap.Error(err))
	case err == nil && a.err != nil:
		a.log.Info("the API server is back", zap.Duration("after", time.Since(a.since).Round(time.Millisecond)))
	}
	a.err = err
}

type watchedTripper struct {
	server *APIServer
	next   http.RoundTripper
}

func (w watchedTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(request)
	w.server.note(err)
	if err == nil && response.StatusCode != http.StatusSwitchingProtocols {
		response.Body = &watchedBody{ReadCloser: response.Body, server: w.server}
	}
	return response, err
}

// WrappedRoundTripper lets client-go look through to the transport.
func (w watchedTripper) WrappedRoundTripper() http.RoundTripper {
	return w.next
}

// watchedBody tells of an answer that breaks off: for a watch, that is the first sign that the server has gone. One that we have
// closed says nothing of the server.
type watchedBody struct {
	io.ReadCloser
	server *APIServer
	closed atomic.Bool // by its reader, which says nothing of the server
}

func (b *watchedBody) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	if err != nil && !errors.Is(err, io.EOF) && !b.closed.Load() {
		b.server.note(err)
	}
	return n, err
}

func (b *watchedBody) Close() error {
	b.closed.Store(true)
	return b.ReadCloser.Close()
}
