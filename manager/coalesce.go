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
	// drainRate is how many times a second a connection may be read empty, and drainBurst how many of these are saved up while little comes.
	// So bytes wait for at most 40 ms.
	drainRate  = 25
	drainBurst = 20
	// bulk is from how many bytes a second on nothing waits: they may be all that the receive window lets in while nobody reads. Windows of
	// less than 164 KiB bring less than that.
	bulk = 4 << 20
)

// coalesce makes connections of the config's clients be read less often while many small pieces come, up to 40 ms later than they could be,
// as interrupts of a network card are coalesced. It is for clients whose work is watches. Each event that comes alone wakes half a dozen
// goroutines one after the other, and the last often finds that the next event has changed again what this one has. After a pause, a
// connection is read at once, up to twenty times in a row, and so is one that brings megabytes.
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
		paced := &pacedReader{Reader: conn, pace: rate.NewLimiter(drainRate, drainBurst)}
		return coalescedConn{conn, bufio.NewReaderSize(paced, readAtOnce)}, nil
	}
}

// coalescedConn is a connection of which is read what has gathered.
type coalescedConn struct {
	net.Conn
	reader *bufio.Reader
}

// Read may learn of a deadline, or of being closed, up to 40 ms late, and only after what has been read already.
func (c coalescedConn) Read(into []byte) (int, error) {
	return c.reader.Read(into)
}

// pacedReader waits before it reads what it has read empty too often.
type pacedReader struct {
	io.Reader
	pace    *rate.Limiter
	drained bool // by the last read
	volume  volume
}

func (r *pacedReader) Read(into []byte) (int, error) {
	if r.drained && !r.volume.isBulk() {
		time.Sleep(r.pace.Reserve().Delay())
	}
	n, err := r.Reader.Read(into)
	r.drained = n < len(into)
	r.volume.add(n, time.Now())
	return n, err
}

// volume is how many bytes have come in this second and in the one before.
type volume struct {
	start             time.Time // of this second
	current, previous int
}

func (v *volume) add(bytes int, at time.Time) {
	if age := at.Sub(v.start); age >= time.Second {
		v.start, v.previous = at, v.current
		if age >= 2*time.Second { // the second before was silent
			v.previous = 0
		}
		v.current = 0
	}
	v.current += bytes
}

func (v *volume) isBulk() bool {
	return max(v.current, v.previous) >= bulk
}
