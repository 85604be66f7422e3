package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/6ead2ce0/wheelhouse/status"
)

// statusPort is a status page that answers.
type statusPort struct {
	address string
	who     string        // what to call it in errors
	trouble func() string // says more of why an answer didn't come, "" if there is no more to say
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	close   func()
}

const (
	// statusTimeout bounds one answer: the page takes milliseconds, a busy API server between may take seconds.
	statusTimeout = 30 * time.Second
	// maxStatus bounds what is read of an answer: a hundred records with the longest names and errors are below it.
	maxStatus = 16 << 20
)

// open finds the status port: at the address, or of the replica that leads the controller.
func (o *inspectOptions) open(ctx context.Context, controller string) (*statusPort, error) {
	if o.Address != "" {
		return &statusPort{
			address: strings.TrimSuffix(o.Address, "/"), who: o.Address, trouble: func() string { return "" },
			dial: (&net.Dialer{}).DialContext, close: func() {},
		}, nil
	}
	return o.forward(ctx, controller)
}

// get decodes what is at the path.
func (s *statusPort) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+path+"?format=json", nil)
	if err != nil {
		return fmt.Errorf("ask %s for its status: %w", s.who, err)
	}
	// No proxy: the port is on this machine, or at the end of the tunnel.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: s.dial}}
	response, err := client.Do(request)
	if err != nil {
		if trouble := s.trouble(); trouble != "" {
			err = errors.New(trouble)
		}
		return fmt.Errorf("ask %s for its status: %w", s.who, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxStatus))
	if err != nil {
		return fmt.Errorf("read the status of %s: %w", s.who, err)
	}
	if response.StatusCode != http.StatusOK {
		return s.refused(response.StatusCode, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read the status of %s: it is none: %w", s.who, err)
	}
	return nil
}

// refused returns the reason that the page gives.
func (s *statusPort) refused(code int, body []byte) error {
	var refusal status.Refusal
	if json.Unmarshal(body, &refusal) != nil || refusal.Error == "" {
		return fmt.Errorf("%s answers %d %s: no status page is there", s.who, code, http.StatusText(code))
	}
	return fmt.Errorf("%s: %s", s.who, refusal.Error)
}
