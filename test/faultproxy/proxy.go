// Package faultproxy stands between a program and the API server and breaks what rules say.
//
// [Start] runs a proxy in front of a local cluster. A program that gets its [Proxy.Kubeconfig] is the same user for the API
// server as without the proxy. [Proxy.Add] breaks requests or watches until the fault is lifted, and [Proxy.Requests] tells what
// was asked and answered.
package faultproxy

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// Config says between whom a proxy stands.
type Config struct {
	Upstream *url.URL    // of the API server
	Client   *tls.Config // towards the API server; its certificate must be one that it lets name users in X-Remote-User
	Server   *tls.Config // towards clients, who must show a certificate: its names are the user and the groups
}

// Proxy passes requests on, except where a rule says otherwise.
type Proxy struct {
	t        testing.TB
	address  string
	cluster  *cluster.Cluster // nil if it was not started for one
	upstream *httputil.ReverseProxy
	records  records
	conns    connections
	stopped  context.Context // ends with the test

	mu      sync.Mutex
	rules   []*Active     // guarded by mu: in the order in which they were added
	changed chan struct{} // guarded by mu: closed when rules change
}

// New runs a proxy on a free port of loopback until the test ends.
func New(t testing.TB, config Config) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(context.Background())
	p := &Proxy{t: t, address: listener.Addr().String(), stopped: stopped, changed: make(chan struct{})}
	transport := &http.Transport{TLSClientConfig: config.Client.Clone(), ForceAttemptHTTP2: true, DisableCompression: true}
	p.upstream = &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(config.Upstream); identify(r) },
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			fail(w, r, http.StatusBadGateway, err.Error())
		},
	}
	server := &http.Server{
		Handler: p, TLSConfig: config.Server.Clone(), ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, conn)
		},
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 1000},
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.ServeTLS(p.conns.track(listener), "", "") // ends when it is closed
	}()
	t.Cleanup(func() {
		stop()
		_ = server.Close() // only connections of clients are lost
		<-ended
		transport.CloseIdleConnections()
	})
	return p
}

// Address returns where the proxy listens.
func (p *Proxy) Address() string {
	return p.address
}

// ServeHTTP passes a request on or breaks it.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	about := requestOf(r)
	record := p.records.begin(about)
	answer := &answer{ResponseWriter: w, record: record}
	defer record.end()
	handler := p.passOn(record)
	if fault := p.faultFor(about); fault != nil {
		handler = fault(handler)
	}
	handler.ServeHTTP(answer, r)
}

// passOn returns what asks the API server.
func (p *Proxy) passOn(record *record) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w = &upstreamAnswer{ResponseWriter: w, record: record}
		if record.about.Verb != "watch" {
			p.upstream.ServeHTTP(w, r)
			return
		}
		p.stream(w, r, record.about)
	})
}
