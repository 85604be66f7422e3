package manager_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/6ead2ce0/wheelhouse/manager"
)

// line is a connection that holds what was sent until it is read.
type line struct {
	net.Conn
	sent  chan time.Time // a byte for each
	reads int
	late  time.Duration // the longest that a byte has waited
}

// Read waits for a byte, and takes all that there are.
func (l *line) Read([]byte) (int, error) {
	first, open := <-l.sent
	if !open {
		return 0, io.EOF
	}
	n := 1 + len(l.sent)
	for range n - 1 {
		<-l.sent
	}
	l.reads, l.late = l.reads+1, max(l.late, time.Since(first))
	return n, nil
}

// coalesced returns what reads of the connection.
func coalesced(t *testing.T, conn net.Conn) net.Conn {
	t.Helper()
	dial := manager.Coalesce(func(context.Context, string, string) (net.Conn, error) { return conn, nil })
	made, err := dial(t.Context(), "tcp", "api.example.test")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// bring sends so many bytes, so far apart, and returns the connection once all have been read.
func bring(t *testing.T, bytes int, apart time.Duration) *line {
	t.Helper()
	l := &line{sent: make(chan time.Time, bytes)}
	go func() {
		defer close(l.sent)
		for range bytes {
			l.sent <- time.Now()
			time.Sleep(apart)
		}
	}()
	read, err := io.ReadAll(coalesced(t, l))
	if err != nil || len(read) != bytes {
		t.Fatalf("read %d bytes, %v, want %d", len(read), err, bytes)
	}
	return l
}

func TestBusyConnectionIsReadNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := bring(t, 2000, time.Millisecond)
		if l.reads > 1+20+2*50 || l.late > 20*time.Millisecond {
			t.Errorf("%d reads in 2 s, a byte waited for %v; want at most 121 and 20ms", l.reads, l.late)
		}
	})
}

func TestQuietConnectionIsReadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if l := bring(t, 200, 25*time.Millisecond); l.late > 0 || l.reads != 200 {
			t.Errorf("a byte waited for %v, all in %d reads; want none to wait", l.late, l.reads)
		}
		if l := bring(t, 20, time.Millisecond); l.late > 0 {
			t.Errorf("a byte of the first few waited for %v, want none to", l.late)
		}
	})
}

// flood is a connection that always has more.
type flood struct{ net.Conn }

func (flood) Read(into []byte) (int, error) { return len(into), nil }

func TestMuchIsReadWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if _, err := io.CopyN(io.Discard, coalesced(t, flood{}), 100<<20); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 0 {
			t.Errorf("100 MiB took %v of waiting, want none", took)
		}
	})
}

func TestConnectionThatIsNotMade(t *testing.T) {
	refused := errors.New("refused")
	dial := manager.Coalesce(func(context.Context, string, string) (net.Conn, error) { return nil, refused })
	if conn, err := dial(t.Context(), "tcp", "api.example.test"); conn != nil || !errors.Is(err, refused) {
		t.Errorf("got %v, %v, want %v", conn, err, refused)
	}
}
