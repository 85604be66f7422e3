package manager_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/manager"
)

// stream is the body of a watch that brings what is sent, until the request's context ends.
type stream struct {
	ctx   context.Context
	bring chan byte
}

func (s stream) Read(into []byte) (int, error) {
	select {
	case into[0] = <-s.bring:
		return 1, nil
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
}

func (s stream) Close() error { return nil }

// following returns a transport whose watches are followed.
func following(watches *manager.Watches, server tripper) http.RoundTripper {
	config := &rest.Config{Host: "https://a.example.test"}
	watches.Follow(config)
	return config.WrapTransport(server)
}

// watchThrough begins a request whose answer is a stream.
func watchThrough(t *testing.T, ctx context.Context, url string) (io.ReadCloser, chan<- byte) {
	t.Helper()
	bring := make(chan byte)
	transport := following(manager.NewWatches(), func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: stream{r.Context(), bring}}, nil
	})
	response, err := transport.RoundTrip(httptest.NewRequestWithContext(ctx, http.MethodGet, url, nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() }) // it can't fail
	return response.Body, bring
}

func TestSilentWatchEndsAsIfTheServerHadEndedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, bring := watchThrough(t, t.Context(), "/api/v1/pods?watch=true")
		go func() {
			for range 3 {
				time.Sleep(30 * time.Second)
				bring <- 'e'
			}
		}()
		begin := time.Now()
		text, err := io.ReadAll(body)
		if took := time.Since(begin); string(text) != "eee" || err != nil || took != 130*time.Second {
			t.Errorf("the watch brought %q, %v within %v; want eee and its end 40s after the last", text, err, took)
		}
	})
}

func TestUnansweredWatchIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := following(manager.NewWatches(), func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begin := time.Now()
		_, err := transport.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/apis/apps/v1/replicasets?watch=true", nil)) //nolint:bodyclose // there is none
		if !utilnet.IsTimeout(err) {
			t.Errorf("%v is no timeout", err)
		}
		if want := "watch replicasets.apps: no answer within 40s"; err == nil || err.Error() != want || time.Since(begin) != 40*time.Second {
			t.Errorf("the watch ended with %v after %v, want %q after 40s", err, time.Since(begin), want)
		}
	})
}

func TestOnlySilenceIsHidden(t *testing.T) {
	tests := []struct{ name, url string }{
		{"a watch that its caller gives up", "/api/v1/pods?watch=1"},
		{"a slow list", "/api/v1/pods"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				body, bring := watchThrough(t, ctx, tt.url)
				go func() {
					bring <- 'e'
					time.Sleep(39 * time.Second)
					cancel()
				}()
				if text, err := io.ReadAll(body); string(text) != "e" || !errors.Is(err, context.Canceled) {
					t.Errorf("it brought %q, %v, want e, %v", text, err, context.Canceled)
				}
			})
		})
	}
}
