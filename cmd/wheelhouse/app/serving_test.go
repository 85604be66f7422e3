package app

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// freePort returns a port on loopback that nothing listened on just now.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func hello(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "hello") // the test reads it
}

func TestServe(t *testing.T) {
	s, err := servingOptions{StatusPort: freePort(t)}.serve(t.Context(), http.HandlerFunc(hello), func() {})
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(s.address())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "hello" {
		t.Errorf("%s answers %q (%v), want hello", s.address(), body, err)
	}
	if err := s.stop(); err != nil {
		t.Errorf("stop = %v, want nil", err)
	}
	if response, err := client.Get(s.address()); err == nil {
		_ = response.Body.Close() // it should not be there at all
		t.Error("it answers after it was stopped")
	}
}

func TestServeNothing(t *testing.T) {
	s, err := servingOptions{StatusPort: 0}.serve(t.Context(), http.HandlerFunc(hello), func() { t.Error("serving failed") })
	if err != nil {
		t.Fatal(err)
	}
	if s.address() != "off" {
		t.Errorf("address %q, want off", s.address())
	}
	if err := s.stop(); err != nil {
		t.Errorf("stop = %v, want nil", err)
	}
}

func TestServeNamesTheFlagOfATakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = servingOptions{StatusPort: taken.Addr().(*net.TCPAddr).Port}.serve(t.Context(), http.HandlerFunc(hello), func() {})
	if err == nil || !strings.HasPrefix(err.Error(), "--status-port: ") {
		t.Errorf("serve = %v, want an error that names --status-port", err)
	}
}

// A process that can't be asked how it is must not go on unseen.
func TestServeTellsOfItsFailure(t *testing.T) {
	failed := make(chan struct{})
	s, err := servingOptions{StatusPort: freePort(t)}.serve(t.Context(), http.HandlerFunc(hello), func() { close(failed) })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.listener.Close(); err != nil {
		t.Fatal(err)
	}
	<-failed
	if err := s.stop(); err == nil {
		t.Error("stop = nil, want why serving ended")
	}
}
