package faultproxy

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// connKey is where a request's context holds its connection.
type connKey struct{}

// reset ends the request's connection as a machine that has lost its memory does.
func reset(r *http.Request) {
	conn, ok := r.Context().Value(connKey{}).(*tls.Conn)
	if !ok {
		return
	}
	if tracked, ok := conn.NetConn().(*connection); ok {
		_ = tracked.Conn.(*net.TCPConn).SetLinger(0) // closing it sends a reset
		_ = tracked.Close()                          // it may be closed already
	}
}

// Silence makes all present connections carry nothing more, in either direction, without closing them: what happens when a
// machine between client and server is gone. New connections work.
func (p *Proxy) Silence() {
	p.conns.mu.Lock()
	defer p.conns.mu.Unlock()
	for conn := range p.conns.open {
		conn.silence()
	}
}

// connections are those of clients.
type connections struct {
	mu   sync.Mutex
	open map[*connection]struct{} // guarded by mu
}

// track returns the listener with its connections known.
func (c *connections) track(listener net.Listener) net.Listener {
	c.open = map[*connection]struct{}{}
	return &tracker{listener, c}
}

type tracker struct {
	net.Listener
	all *connections
}

func (t *tracker) Accept() (net.Conn, error) {
	conn, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tracked := &connection{Conn: conn, all: t.all, silent: make(chan struct{}), closed: make(chan struct{})}
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	t.all.open[tracked] = struct{}{}
	return tracked, nil
}

// connection is a connection that can fall silent.
type connection struct {
	net.Conn
	all                     *connections
	silent, closed          chan struct{}
	silenceOnce, closedOnce sync.Once
}

func (c *connection) silence() {
	c.silenceOnce.Do(func() { close(c.silent) })
}

// Read gives nothing of what a silent connection still brings: it waits until the connection is closed.
func (c *connection) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	select {
	case <-c.silent:
		<-c.closed
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

// Write loses what is written to a silent connection, as the network would.
func (c *connection) Write(text []byte) (int, error) {
	select {
	case <-c.silent:
		return len(text), nil
	default:
		return c.Conn.Write(text)
	}
}

func (c *connection) Close() error {
	c.closedOnce.Do(func() { close(c.closed) })
	c.all.mu.Lock()
	delete(c.all.open, c)
	c.all.mu.Unlock()
	return c.Conn.Close()
}
