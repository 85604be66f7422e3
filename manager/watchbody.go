package manager

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

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

// begin takes the response's body, and the place of it. That the API server agrees to a watch is a sign of life.
func (b *listeningBody) begin(response *http.Response) {
	b.ReadCloser = response.Body
	response.Body = bufferedBody{bufio.NewReaderSize(b, readAtOnce), b}
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
