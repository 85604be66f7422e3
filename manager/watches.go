package manager

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
)

// maxSilence is how long a watch may bring nothing before it is taken for frozen and begun anew. A watch that only has nothing to
// tell is begun anew as well, where it ended: that is one request per resource in this time. The API server's own sign of life, a
// bookmark, comes once a minute, which is too late to notice within a minute that it didn't come.
const maxSilence = 40 * time.Second

// Watches ends watches that have brought nothing for maxSilence, or were not answered in that time, and knows when each resource was last
// heard of.
type Watches struct {
	mu    sync.Mutex
	heard map[string]time.Time // guarded by mu; by resource
}

// NewWatches returns a Watches that has heard of nothing.
func NewWatches() *Watches {
	return &Watches{heard: map[string]time.Time{}}
}

// Follow makes the watches known that are begun with clients of the config.
func (w *Watches) Follow(config *rest.Config) {
	base := basePath(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return listeningTripper{watches: w, base: base, next: next}
	})
}

func (w *Watches) hear(resource string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard[resource] = time.Now()
}

// last returns when the resource was last heard of, the zero time if never.
func (w *Watches) last(resource string) time.Time {
	if w == nil {
		return time.Time{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard[resource]
}

type listeningTripper struct {
	watches *Watches
	base    string // the path at which the API server is
	next    http.RoundTripper
}

// WrappedRoundTripper lets client-go look through to the transport.
func (l listeningTripper) WrappedRoundTripper() http.RoundTripper {
	return l.next
}

func (l listeningTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	if watch := request.URL.Query().Get("watch"); watch != "true" && watch != "1" {
		return l.next.RoundTrip(request)
	}
	resource, _ := resourceAt(strings.TrimPrefix(request.URL.Path, strings.TrimSuffix(l.base, "/")))
	ctx, cancel := context.WithCancel(request.Context())
	body := &listeningBody{cancel: cancel, heard: func() { l.watches.hear(resource) }}
	body.timer = time.AfterFunc(maxSilence, body.giveUp)
	response, err := l.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		body.stop()
		if body.silent.Load() {
			err = unansweredError{resource}
		}
		return nil, err
	}
	body.begin(response)
	return response, nil
}

// unansweredError is a timeout, after which client-go begins the watch anew where it was.
type unansweredError struct{ resource string }

func (e unansweredError) Error() string {
	return fmt.Sprintf("watch %s: no answer within %v", e.resource, maxSilence)
}
func (e unansweredError) Timeout() bool   { return true }
func (e unansweredError) Temporary() bool { return true }

// readAtOnce is how much is read of a watch at once, if as much has come. Client-go reads twice for each object, and whenever 4 KiB have
// been read, which one object may have, HTTP/2 tells the API server that there is room again: a message for each of 50,000 pods.
const readAtOnce = 64 << 10

// bufferedBody is a listeningBody that is read by readAtOnce.
type bufferedBody struct {
	*bufio.Reader
	io.Closer
}

// listeningBody is what a watch brings.
type listeningBody struct {
	io.ReadCloser
	heard  func()
	cancel context.CancelFunc // of the request: closing the body would wait for a read that waits for ever
	timer  *time.Timer
	silent atomic.Bool
}

// begin takes the place of the response's body. That the API server agrees to a watch is a sign of life.
func (b *listeningBody) begin(response *http.Response) {
	b.ReadCloser, response.Body = response.Body, bufferedBody{bufio.NewReaderSize(b, readAtOnce), b}
	b.timer.Reset(maxSilence)
	if response.StatusCode == http.StatusOK {
		b.heard()
	}
}

func (b *listeningBody) giveUp() {
	b.silent.Store(true)
	b.cancel()
}

func (b *listeningBody) stop() {
	b.timer.Stop()
	b.cancel()
}

// Read tells of a watch that was given up what it tells of one that the API server has ended, from which client-go goes on where it was.
func (b *listeningBody) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	if n > 0 {
		b.timer.Reset(maxSilence)
		b.heard()
	}
	if err != nil && b.silent.Load() && errors.Is(err, context.Canceled) {
		err = io.EOF
	}
	return n, err
}

func (b *listeningBody) Close() error {
	b.stop()
	return b.ReadCloser.Close()
}
