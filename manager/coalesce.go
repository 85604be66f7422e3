package manager

import (
	"bufio"
	"context"
	"io"
	"net"
	"time"

	"golang.org/x/time/rate"
)

const (
	// smallReads is how many times a second little may be read of a connection, and smallReadsSaved how many are saved up while little
	// comes, for which nothing is held back then. So what comes waits for at most 20 ms.
	smallReads      = 50
	smallReadsSaved = 20
	// muchRead is as much as is worth being woken for: the next read follows at once, whatever there is.
	muchRead = 16 << 10
)

// Dial makes connections, as rest.Config.Dial does.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// Coalesce returns a Dial to be used for watches. When their events come thick and fast, each wakes half a dozen goroutines one after the
// other, the last of which often finds that the next event has changed again what this one has. So while a connection brings many small
// pieces, they gather for up to 20 ms before they are read, as they do in a network card that coalesces interrupts.
func Coalesce(dial Dial) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return newCoalescedConn(conn), nil
	}
}

// coalescedConn is a connection whose reader takes what has gathered.
type coalescedConn struct {
	net.Conn
	reader *bufio.Reader
}

func newCoalescedConn(conn net.Conn) coalescedConn {
	gathered := &gathering{Reader: conn, small: rate.NewLimiter(smallReads, smallReadsSaved)}
	return coalescedConn{conn, bufio.NewReaderSize(gathered, readAtOnce)}
}

func (c coalescedConn) Read(into []byte) (int, error) {
	return c.reader.Read(into)
}

// gathering waits before it reads if little was read too often.
type gathering struct {
	io.Reader
	small  *rate.Limiter
	little bool // was read last
}

func (g *gathering) Read(into []byte) (int, error) {
	if g.little {
		time.Sleep(g.small.Reserve().Delay())
	}
	n, err := g.Reader.Read(into)
	g.little = n < muchRead
	return n, err
}
