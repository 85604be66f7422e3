package leaderelection_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// What a transport has given up, it may be about to send.
func TestWriteThatWasCutShortLosesItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		near, far := net.Pipe()
		defer far.Close()
		config := &rest.Config{Dial: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
		r.elector.Guard(config)
		conn, err := config.Dial(t.Context(), "tcp", "a.example.test:443")
		if err != nil {
			t.Fatal(err)
		}
		transport := config.WrapTransport(roundTrip(func(request *http.Request) (*http.Response, error) {
			<-request.Context().Done()
			return nil, request.Context().Err()
		}))
		request, err := http.NewRequestWithContext(r.term(t), http.MethodPost, "https://a.example.test", nil)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { server.steal("thief", time.Minute) })
		if _, err := transport.RoundTrip(request); !errors.Is(err, leaderelection.ErrFenced) { //nolint:bodyclose // there is none
			t.Errorf("POST = %v, want %v", err, leaderelection.ErrFenced)
		}
		if _, err := conn.Write([]byte("POST")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("writing to the connection = %v, want %v", err, io.ErrClosedPipe)
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

// Between the look at the clock and the sending, the process may be paused.
func TestConnectionRefusesWhatIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		slept := new(sleepyClock)
		r := startAt(t, "a", server.client(way{}), slept.now)
		term := r.term(t)
		near, far := net.Pipe()
		defer far.Close()
		config := &rest.Config{Dial: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
		r.elector.Guard(config)
		conn, err := config.Dial(t.Context(), "tcp", "a.example.test:443")
		if err != nil {
			t.Fatal(err)
		}
		transport := config.WrapTransport(roundTrip(func(*http.Request) (*http.Response, error) {
			slept.sleep(11 * time.Second)
			_, err := conn.Write([]byte("POST"))
			return nil, err
		}))
		request, err := http.NewRequestWithContext(term, http.MethodPost, "https://a.example.test", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := transport.RoundTrip(request); !errors.Is(err, leaderelection.ErrFenced) { //nolint:bodyclose // there is none
			t.Errorf("POST = %v, want %v", err, leaderelection.ErrFenced)
		}
		wantRefusals(t, r, map[string]float64{"connection": 1, "cut_short": 1})
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
