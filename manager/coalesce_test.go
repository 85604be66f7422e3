package manager

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"
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
	config := &rest.Config{Dial: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	coalesce(config)
	made, err := config.Dial(t.Context(), "tcp", "api.example.test")
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
		if l.reads > 1+20+2*25 || l.late > 40*time.Millisecond {
			t.Errorf("%d reads in 2 s, a byte waited for %v; want at most 71 and 40ms", l.reads, l.late)
		}
	})
}

func TestQuietConnectionIsReadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if l := bring(t, 200, 45*time.Millisecond); l.late > 0 || l.reads != 200 {
			t.Errorf("a byte waited for %v, all in %d reads; want none to wait", l.late, l.reads)
		}
		if l := bring(t, 20, time.Millisecond); l.late > 0 {
			t.Errorf("a byte of the first few waited for %v, want none to", l.late)
		}
	})
}

// narrow is a connection of which a window is there whenever it has been read empty.
type narrow struct {
	net.Conn
	window, left int
}

func (c *narrow) Read(into []byte) (int, error) {
	if c.left == 0 {
		c.left = c.window
	}
	n := min(len(into), c.left)
	c.left -= n
	return n, nil
}

func TestMuchIsReadWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if _, err := io.CopyN(io.Discard, coalesced(t, &narrow{window: 1 << 30}), 100<<20); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 0 {
			t.Errorf("100 MiB took %v of waiting, want none", took)
		}
	})
}

func TestConnectionThatBringsMegabytesIsReadWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if _, err := io.CopyN(io.Discard, coalesced(t, &narrow{window: 200 << 10}), 1<<30); err != nil {
			t.Fatal(err)
		}
		// After 4 MiB, for which it is read empty 21 times, all but one of them without waiting, nothing waits.
		if took := time.Since(begin); took > 500*time.Millisecond {
			t.Errorf("1 GiB took %v of waiting, want at most 500ms", took)
		}
	})
}

func TestVolume(t *testing.T) {
	for _, tc := range []struct {
		name  string
		bytes []int // one second after the other
		want  bool
	}{
		{"little", []int{bulk / 2, bulk / 2}, false},
		{"much", []int{bulk}, true},
		{"much until a second ago", []int{bulk, 1}, true},
		{"much until two seconds ago", []int{bulk, 1, 1}, false},
		{"much, then nothing, then little", []int{bulk, 0, 0, 1}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var v volume
			for second, bytes := range tc.bytes {
				if bytes > 0 {
					v.add(bytes, time.Unix(int64(second), 0))
				}
			}
			if got := v.isBulk(); got != tc.want {
				t.Errorf("bulk: %v, want %v", got, tc.want)
			}
		})
	}
}

func TestConnectionThatIsNotMade(t *testing.T) {
	refused := errors.New("refused")
	config := &rest.Config{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, refused }}
	coalesce(config)
	if conn, err := config.Dial(t.Context(), "tcp", "api.example.test"); conn != nil || !errors.Is(err, refused) {
		t.Errorf("got %v, %v, want %v", conn, err, refused)
	}
}
