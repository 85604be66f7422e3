package manager

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// maxSilence is how long a watch may bring nothing before it is taken for frozen and begun anew. A watch that only has nothing to
// tell is begun anew as well, where it ended: that is one request per resource in this time. The API server's own sign of life, a
// bookmark, comes once a minute, which is too late to notice within a minute that it didn't come.
const maxSilence = 40 * time.Second

// EndSilentWatches makes watches end that have brought nothing for maxSilence. It fits rest.Config.Wrap.
func EndSilentWatches(next http.RoundTripper) http.RoundTripper {
	return listeningTripper{next}
}

type listeningTripper struct {
	next http.RoundTripper
}

// WrappedRoundTripper lets client-go look through to the transport.
func (l listeningTripper) WrappedRoundTripper() http.RoundTripper {
	return l.next
}

func (l listeningTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	if watch := request.URL.Query().Get("watch"); watch != "true" && watch != "1" {
		return l.next.RoundTrip(request)
	}
	ctx, cancel := context.WithCancel(request.Context())
	response, err := l.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	body := &listeningBody{ReadCloser: response.Body, cancel: cancel}
	body.timer = time.AfterFunc(maxSilence, body.giveUp)
	response.Body = body
	return response, nil
}

// listeningBody is what a watch brings.
type listeningBody struct {
	io.ReadCloser
	cancel context.CancelFunc // of the request: closing the body would wait for a read that waits for ever
	timer  *time.Timer
	silent atomic.Bool
}

func (b *listeningBody) giveUp() {
	b.silent.Store(true)
	b.cancel()
}

// Read tells of a watch that was given up what it tells of one that the API server has ended, from which client-go goes on where it was.
func (b *listeningBody) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	if n > 0 {
		b.timer.Reset(maxSilence)
	}
	if err != nil && b.silent.Load() && errors.Is(err, context.Canceled) {
		err = io.EOF
	}
	return n, err
}

func (b *listeningBody) Close() error {
	b.timer.Stop()
	b.cancel()
	return b.ReadCloser.Close()
}
