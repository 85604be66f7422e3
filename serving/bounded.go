package serving

import (
	"net"
	"net/netip"
	"sync"
)

const (
	// maxConnections bounds the connections that are open at a port: each costs a goroutine and its buffers.
	maxConnections = 512
	// maxPerAddress bounds those of one address, so that it doesn't take the places of all.
	maxPerAddress = 128
)

// bounded is a listener that closes the connections which are too many at once, instead of letting all that come later wait.
type bounded struct {
	net.Listener

	mu   sync.Mutex // guards what follows
	open int
	by   map[netip.Prefix]int // those that are open, by address
}

func newBounded(l net.Listener) *bounded {
	return &bounded{Listener: l, by: map[netip.Prefix]int{}}
}

// Accept returns the next connection that isn't too many.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		connection, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := sharerAt(connection.RemoteAddr().String())
		if b.enter(from) {
			return &counted{Conn: connection, leave: sync.OnceFunc(func() { b.leave(from) })}, nil
		}
		_ = connection.Close() // nobody has said anything yet
	}
}

// enter reports whether there is room for one more connection, and takes it.
func (b *bounded) enter(from netip.Prefix) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == maxConnections || b.by[from] == maxPerAddress {
		return false
	}
	b.open++
	b.by[from]++
	return true
}

func (b *bounded) leave(from netip.Prefix) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open--
	if b.by[from]--; b.by[from] == 0 {
		delete(b.by, from)
	}
}

// counted is a connection that makes room for another when it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection. It may be called more than once.
func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
