package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
)

// tunnel reaches a port of a pod through the API server. It opens no port on this machine, which others here could use too.
type tunnel struct {
	connection httpstream.Connection
	port       int

	mu      sync.Mutex
	dialled int    // guarded by mu: tells the streams of one dial from those of another
	failure string // guarded by mu: what the pod's node said last of why the port can't be reached
}

// dialPod returns the status port of the pod.
func dialPod(ctx context.Context, dialer httpstream.Dialer, pod *corev1.Pod, port int) (*statusPort, error) {
	who := fmt.Sprintf("pod %s/%s", pod.Namespace, pod.Name)
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	connection, err := dialUntil(ctx, dialer)
	if err != nil {
		return nil, fmt.Errorf("forward a port to %s: %w", who, err)
	}
	t := &tunnel{connection: connection, port: port}
	return &statusPort{
		address: "http://localhost", who: who, trouble: t.trouble, dial: t.dial,
		close: func() { _ = connection.Close() }, // nothing is sent any more that could be lost
	}, nil
}

// dialUntil gives up when ctx ends, of which dialers know nothing. What they open after that is closed.
func dialUntil(ctx context.Context, dialer httpstream.Dialer) (httpstream.Connection, error) {
	type opened struct {
		httpstream.Connection
		err error
	}
	done := make(chan opened)
	go func() {
		connection, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
		select {
		case done <- opened{connection, err}:
		case <-ctx.Done():
			if err == nil {
				_ = connection.Close() // nobody uses it
			}
		}
	}()
	select {
	case o := <-done:
		return o.Connection, o.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (t *tunnel) trouble() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failure
}

func (t *tunnel) next() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dialled++
	return t.dialled
}

// dial opens the two streams of a connection, in the order of the protocol: one for what goes wrong, one for data.
func (t *tunnel) dial(context.Context, string, string) (net.Conn, error) {
	header := http.Header{}
	header.Set(corev1.PortHeader, strconv.Itoa(t.port))
	header.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(t.next()))
	header.Set(corev1.StreamType, corev1.StreamTypeError)
	failure, err := t.connection.CreateStream(header)
	if err != nil {
		return nil, fmt.Errorf("open stream for errors: %w", err)
	}
	_ = failure.Close() // we have nothing to say on it
	header.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := t.connection.CreateStream(header)
	if err != nil { // as when the node has refused it already
		limit := time.AfterFunc(failureTimeout, func() { _ = failure.Reset() })
		defer limit.Stop()
		t.noteFailure(failure)
		_ = failure.Reset()
		return nil, fmt.Errorf("open stream for data: %w", err)
	}
	return &tunnelled{tunnel: t, data: data, failure: failure}, nil
}

// tunnelled is one connection through the tunnel.
type tunnelled struct {
	tunnel        *tunnel
	data, failure httpstream.Stream
	begun         bool // something has come; only the one who reads looks at it
}

// Read returns what comes, or, where nothing does, why.
func (c *tunnelled) Read(into []byte) (int, error) {
	n, err := c.data.Read(into)
	c.begun = c.begun || n > 0
	if err == nil || c.begun {
		return n, err
	}
	if failure := c.tunnel.noteFailure(c.failure); failure != "" {
		err = errors.New(failure)
	}
	return n, err
}

const (
	// maxFailure bounds what is read of why a port can't be reached, in bytes.
	maxFailure = 4096
	// failureTimeout is how long to wait for that.
	failureTimeout = time.Second
)

// noteFailure keeps and returns what the pod's node says on the stream, "" if that is nothing.
func (t *tunnel) noteFailure(stream io.Reader) string {
	text, err := io.ReadAll(io.LimitReader(stream, maxFailure))
	if err != nil || len(text) == 0 {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failure = string(text)
	return t.failure
}

func (c *tunnelled) Write(data []byte) (int, error) { return c.data.Write(data) }

// Close ends both streams, and with them reads that wait.
func (c *tunnelled) Close() error {
	return errors.Join(c.data.Reset(), c.failure.Reset())
}

// What follows makes it a net.Conn. Nobody asks for addresses, and requests are bounded by their contexts.

func (c *tunnelled) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *tunnelled) RemoteAddr() net.Addr             { return &net.TCPAddr{Port: c.tunnel.port} }
func (c *tunnelled) SetDeadline(time.Time) error      { return nil }
func (c *tunnelled) SetReadDeadline(time.Time) error  { return nil }
func (c *tunnelled) SetWriteDeadline(time.Time) error { return nil }
