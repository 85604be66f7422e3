package serving

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"
)

// What one connection may cost.
const (
	// headerTimeout bounds how long a client may take to say what it wants, the TLS handshake included.
	headerTimeout = 5 * time.Second
	// readTimeout bounds how long the whole of a request may take to come.
	readTimeout = 10 * time.Second
	// writeTimeout bounds how long an answer may take, profiles of a minute included.
	writeTimeout = 2 * time.Minute
	// idleTimeout is longer than Prometheus' usual minute between scrapes, which then need no new connection.
	idleTimeout = 90 * time.Second
	// maxHeader holds a token, and the many groups of somebody whom an aggregating API server speaks for.
	maxHeader = 64 << 10
	// maxBody is more than what any request has to say: the name of a level is the longest.
	maxBody = 4 << 10
	// endTimeout bounds how long answering may take at the end of the process.
	endTimeout = time.Second
)

// Endpoint is an address, and what is answered there.
type Endpoint struct {
	Flag    string // the one that errors name
	Address string
	Port    int
	TLS     *tls.Config // nil for plain HTTP
	Handler http.Handler
	Log     *zap.Logger
}

// Listener answers at an endpoint.
type Listener struct {
	endpoint Endpoint
	listener net.Listener
	http     *http.Server
	ended    chan error // gets how serving ended
}

// Listen answers until Stop is called. If it can't go on before, it calls failed. ctx is for taking the port.
func (e Endpoint) Listen(ctx context.Context, failed func()) (*Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(e.Address, strconv.Itoa(e.Port)))
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", e.Flag, err)
	}
	l := &Listener{endpoint: e, listener: newBounded(listener), http: e.server(), ended: make(chan error, 1)}
	go func() {
		l.ended <- l.serve()
		failed()
	}()
	return l, nil
}

func (e Endpoint) server() *http.Server {
	errorLog, err := zap.NewStdLogAt(e.Log, zap.DebugLevel) // of connections: whoever scans ports would fill the log
	if err != nil {
		errorLog = zap.NewStdLog(e.Log) // can't be: the level is one
	}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler: http.MaxBytesHandler(e.Handler, maxBody), TLSConfig: e.TLS, Protocols: &protocols, ErrorLog: errorLog,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
	}
}

func (l *Listener) serve() error {
	if l.endpoint.TLS == nil {
		return l.http.Serve(l.listener)
	}
	return l.http.ServeTLS(l.listener, "", "")
}

// Stop lets running answers end, and returns the error for which serving ended before, if it did.
func (l *Listener) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	if err := l.http.Shutdown(ctx); err != nil {
		_ = l.http.Close() // its error says that the listener is closed, as it should be
	}
	if err := <-l.ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", l.listener.Addr(), err)
	}
	return nil
}

// URL returns where it answers.
func (l *Listener) URL() string {
	scheme := "http"
	if l.endpoint.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + l.listener.Addr().String()
}
