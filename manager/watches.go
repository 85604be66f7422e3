package manager

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
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
