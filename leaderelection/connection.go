package leaderelection

import (
	"context"
	"net"
	"time"

	"k8s.io/client-go/rest"
)

// dialTimeout bounds how long a connection may take to be made; it is client-go's.
const dialTimeout = 30 * time.Second

// guardConnections gives the config's clients connections of their own, which look at the fence before they send.
func (f *fence) guardConnections(config *rest.Config) {
	dial := config.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return f.opened(conn), nil
	}
}

func (f *fence) opened(conn net.Conn) *fencedConn {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &fencedConn{Conn: conn, fence: f}
	f.connections[c] = struct{}{}
	return c
}

// closeConnections closes those that are open. Clients make new ones.
func (f *fence) closeConnections() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.connections {
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // what is still to be sent is not wanted
		}
		_ = c.Conn.Close()
	}
	clear(f.connections)
}

// closeAfter closes the connections when the term ends.
func (f *fence) closeAfter(t *term) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closing != t {
		f.closing = t
		context.AfterFunc(t.context, f.closeConnections)
	}
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

// Close closes the connection.
func (c *fencedConn) Close() error {
	c.fence.mu.Lock()
	delete(c.fence.connections, c)
	c.fence.mu.Unlock()
	return c.Conn.Close()
}
