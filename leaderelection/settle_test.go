package leaderelection_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// unanswered answers when the request is given up.
func unanswered(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

func timedOut(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusGatewayTimeout, Body: http.NoBody, Request: request}, nil
}

func refused(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusForbidden, Body: http.NoBody}, nil
}

// A write that had no answer may be on its way. The next holder must not work beside it.
func TestLeaseIsReleasedWhenWritesAreSettled(t *testing.T) {
	tests := []struct {
		name   string
		server roundTrip
		within time.Duration // after which the write is given up
		after  time.Duration // that the write has been begun the term is drained
		want   time.Duration // until the release
	}{
		{"given up", unanswered, time.Second, time.Second, 5 * time.Second},
		{"given up long ago", unanswered, time.Second, time.Minute, 0},
		{"given up by the server", timedOut, time.Minute, time.Second, 4 * time.Second},
		{"still on its way", unanswered, time.Minute, time.Second, 5 * time.Second},
		{"answered", refused, time.Minute, time.Second, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var server leases
				r := start(t, "a", server.client(way{}))
				config := &rest.Config{}
				r.elector.Guard(config)
				work, cancel := context.WithTimeout(r.term(t), tt.within)
				defer cancel()
				go write(t, work, config.WrapTransport(tt.server))
				time.Sleep(tt.after)
				synctest.Wait()
				begin := time.Now()
				r.stop()
				r.drained <- struct{}{}
				if err := <-r.ended; err != nil {
					t.Errorf("Run = %v, want nil", err)
				}
				if took := time.Since(begin); took != tt.want {
					t.Errorf("the lease was released after %v, want %v", took, tt.want)
				}
				server.wantHolder(t, "")
			})
		})
	}
}

// write sends a write, and takes whatever comes of it.
func write(t *testing.T, ctx context.Context, transport http.RoundTripper) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://a.example.test", strings.NewReader(""))
	if err != nil {
		t.Error(err)
		return
	}
	response, err := transport.RoundTrip(request)
	if err == nil {
		_ = response.Body.Close() // it can't fail
	} else if ctx.Err() == nil && !errors.Is(err, leaderelection.ErrFenced) {
		t.Errorf("POST = %v", err)
	}
}
