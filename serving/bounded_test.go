package serving

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// pipes is a listener with connections from the addresses.
type pipes struct {
	net.Listener
	from chan string
}

// pipe is a connection from an address.
type pipe struct {
	net.Conn
	from string
}

func (p pipe) RemoteAddr() net.Addr { return p }
func (p pipe) Network() string      { return "tcp" }
func (p pipe) String() string       { return p.from }

func (p *pipes) Accept() (net.Conn, error) {
	from, more := <-p.from
	if !more {
		return nil, net.ErrClosed
	}
	ours, _ := net.Pipe()
	return pipe{ours, from}, nil
}

// accept returns the connections that a bounded listener lets through, of those from the addresses.
func accept(t *testing.T, b *bounded, from ...string) []net.Conn {
	t.Helper()
	queue := make(chan string, len(from))
	for _, address := range from {
		queue <- address
	}
	close(queue)
	b.Listener = &pipes{from: queue}
	var through []net.Conn
	for {
		connection, err := b.Accept()
		if err != nil {
			return through
		}
		through = append(through, connection)
	}
}

func times(n int, address string) []string {
	return strings.Split(strings.Repeat(address+" ", n-1)+address, " ")
}

func TestConnectionsAreBounded(t *testing.T) {
	b := newBounded(nil)
	first := accept(t, b, times(maxPerAddress+10, "10.0.0.1:1")...)
	if len(first) != maxPerAddress {
		t.Errorf("%d connections of one address, want %d", len(first), maxPerAddress)
	}
	if got := len(accept(t, b, "10.0.0.2:1")); got != 1 {
		t.Errorf("%d connections of another address, want 1", got)
	}
	if err := first[0].Close(); err != nil {
		t.Fatal(err)
	}
	_ = first[0].Close() // a second time, which makes no more room
	if got := len(accept(t, b, times(2, "10.0.0.1:1")...)); got != 1 {
		t.Errorf("%d connections in the place of one that was closed, want 1", got)
	}
	rest := append(times(maxPerAddress, "10.0.0.3:1"), append(times(maxPerAddress, "10.0.0.4:1"), times(maxPerAddress, "10.0.0.5:1")...)...)
	if got, want := len(accept(t, b, rest...)), maxConnections-maxPerAddress-1; got != want {
		t.Errorf("%d connections when others have all but %d, want %d", got, want, want)
	}
}

// Whoever is slow or says too much is cut off.
func TestRequestsAreBounded(t *testing.T) {
	e := endpoint(t)
	e.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		}
	})
	l, err := e.Listen(t.Context(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	}()
	s := l.http
	if min(s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout) <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("a bound is missing: %v %v %v %v %d", s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout, s.MaxHeaderBytes)
	}
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"little", "a", 200},
		{"a long body", strings.Repeat("a", maxBody+1), 413},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, l.URL(), strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		_ = response.Body.Close() // it is not read
		if response.StatusCode != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, response.StatusCode, tt.want)
		}
	}
}
