package manager

import (
	"bufio"
	"context"
	"io"
	"net"
	"time"

	"golang.org/x/time/rate"
	"k8s.io/client-go/rest"
)

const (
	// drains is how many times a second a connection may be read empty, and drainsSaved how many of these are saved up while little comes.
	// So what comes waits for at most 20 ms.
	drains      = 50
	drainsSaved = 20
	// bulk is how much comes within a second when it comes as it should: a sleep would only fill the buffers on the way.
	bulk = 8 << 20
)

// coalesce makes connections of the config's clients be read less often while many small pieces come, up to 20 ms later than they could be:
// as a network card coalesces interrupts. It is for watches. Each event that comes alone wakes half a dozen goroutines one after the other,
// and the last often finds that the next event has changed again what this one has. A connection that was quiet is read at once, twenty times
// in a row, and so is one that brings megabytes.
func coalesce(config *rest.Config) {
	dial := config.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		gathered := &gathering{Reader: conn, pace: rate.NewLimiter(drains, drainsSaved)}
		return coalescedConn{conn, bufio.NewReaderSize(gathered, readAtOnce)}, nil
	}
}

// coalescedConn is a connection of which is read what has gathered.
type coalescedConn struct {
	net.Conn
	gathered *bufio.Reader
}

// Read may learn of a deadline, or of being closed, 20 ms late.
func (c coalescedConn) Read(into []byte) (int, error) {
	return c.gathered.Read(into)
}

// gathering waits before it reads what it has read empty too often.
type gathering struct {
	io.Reader
	pace    *rate.Limiter
	drained bool // by the last read
	volume  volume
}

func (g *gathering) Read(into []byte) (int, error) {
	if g.drained && !g.volume.isBulk() {
		time.Sleep(g.pace.Reserve().Delay())
	}
	n, err := g.Reader.Read(into)
	g.drained = n < len(into)
	g.volume.add(n, time.Now())
	return n, err
}

// volume is how much has come in this second and in the one before.
type volume struct {
	begun       time.Time // of this second
	now, before int       // bytes
}

func (v *volume) add(bytes int, at time.Time) {
	if at.Sub(v.begun) >= time.Second {
		v.begun, v.now, v.before = at, 0, v.now
	}
	v.now += bytes
}

func (v *volume) isBulk() bool {
	return max(v.now, v.before) >= bulk
}
