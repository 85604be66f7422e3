package serving

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/zap/zaptest"
)

func hello(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "hello") // the test reads it
}

// endpoint is one on loopback that says hello.
func endpoint(t *testing.T) Endpoint {
	return Endpoint{Flag: "some-port", Address: "127.0.0.1", Handler: http.HandlerFunc(hello), Log: zaptest.NewLogger(t)}
}

// client trusts anybody, and makes a connection for each request.
func client(config *tls.Config) *http.Client {
	config.InsecureSkipVerify = true
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: config, ForceAttemptHTTP2: true}}
}

func get(t *testing.T, client *http.Client, url string) (status int, body string) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestListen(t *testing.T) {
	l, err := endpoint(t).Listen(t.Context(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	visitor := client(&tls.Config{})
	if _, body := get(t, visitor, l.URL()); body != "hello" {
		t.Errorf("%s answers %q, want hello", l.URL(), body)
	}
	if err := l.Stop(); err != nil {
		t.Errorf("Stop = %v, want nil", err)
	}
	if response, err := visitor.Get(l.URL()); err == nil {
		_ = response.Body.Close() // it should not be there at all
		t.Error("it answers after it was stopped")
	}
}

func TestListenNamesTheFlagOfATakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	e := endpoint(t)
	e.Port = taken.Addr().(*net.TCPAddr).Port
	if _, err := e.Listen(t.Context(), func() {}); err == nil || !strings.HasPrefix(err.Error(), "--some-port: ") {
		t.Errorf("Listen = %v, want an error that names --some-port", err)
	}
}

// A process that can't be asked how it is must not go on unseen.
func TestListenTellsOfItsFailure(t *testing.T) {
	failed := make(chan struct{})
	l, err := endpoint(t).Listen(t.Context(), func() { close(failed) })
	if err != nil {
		t.Fatal(err)
	}
	if err := l.listener.Close(); err != nil {
		t.Fatal(err)
	}
	<-failed
	if err := l.Stop(); err == nil {
		t.Error("Stop = nil, want why serving ended")
	}
}
