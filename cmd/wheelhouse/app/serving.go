package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// servingOptions say where the process answers.
type servingOptions struct {
	// StatusPort is the port on the loopback address for metrics and health. Default: 10281; 0 means that it does not serve.
	StatusPort int
}

func defaultServingOptions() servingOptions {
	return servingOptions{StatusPort: 10281}
}

func (o *servingOptions) addFlags(flags *pflag.FlagSet) {
	flags.IntVar(&o.StatusPort, "status-port", o.StatusPort, "Port on 127.0.0.1 for /metrics, /healthz, /readyz and /livez. 0 turns it off.")
}

func (o servingOptions) validate() error {
	if o.StatusPort < 0 || o.StatusPort > 65535 {
		return fmt.Errorf("--status-port: must be from 0 to 65535, not %d", o.StatusPort)
	}
	return nil
}

const (
	// headerTimeout bounds how long a client may take to say what it wants.
	headerTimeout = 5 * time.Second
	// answerTimeout bounds how long answering may take at the end of the process.
	answerTimeout = time.Second
)

// server answers on the status port.
type server struct {
	listener net.Listener // nil if it does not serve
	http     *http.Server
	ended    chan error // gets how serving ended
}

// serve answers with the handler until stop is called. If it can't go on before, it calls failed. ctx is for taking the port.
func (o servingOptions) serve(ctx context.Context, handler http.Handler, failed func()) (*server, error) {
	if o.StatusPort == 0 {
		return &server{}, nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.StatusPort)))
	if err != nil {
		return nil, fmt.Errorf("--status-port: %w", err)
	}
	s := &server{
		listener: listener,
		http:     &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout},
		ended:    make(chan error, 1),
	}
	go func() {
		s.ended <- s.http.Serve(listener)
		failed()
	}()
	return s, nil
}

// stop lets running answers end, and returns the error for which serving ended before, if it did.
func (s *server) stop() error {
	if s.listener == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // its error says that the listener is closed, as it should be
	}
	if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", s.listener.Addr(), err)
	}
	return nil
}

func (s *server) address() string {
	if s.listener == nil {
		return "off"
	}
	return "http://" + s.listener.Addr().String()
}
