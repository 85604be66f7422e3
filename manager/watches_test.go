package manager_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
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

// bursts is the body of a watch that brings one after the other at once, and then err. It notes how much it was asked for.
type bursts struct {
	bring []string
	err   error
	asked []int
}

func (b *bursts) Read(into []byte) (int, error) {
	b.asked = append(b.asked, len(into))
	if len(b.bring) == 0 {
		return 0, b.err
	}
	n := copy(into, b.bring[0])
	b.bring = b.bring[1:]
	return n, nil
}

func (b *bursts) Close() error { return nil }

func TestWatchesAreReadByMuchAtOnce(t *testing.T) {
	body := &bursts{bring: []string{"abcdef", "gh"}, err: errors.New("broken off")}
	transport := following(manager.NewWatches(), func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: body}, nil
	})
	response, err := transport.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/pods?watch=true", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it can't fail
	var got strings.Builder
	two := make([]byte, 2)
	for err == nil {
		var n int
		n, err = response.Body.Read(two)
		got.Write(two[:n])
	}
	if got.String() != "abcdefgh" || !errors.Is(err, body.err) {
		t.Errorf("the watch brought %q and ended with %v, want abcdefgh and %v", got.String(), err, body.err)
	}
	if diff := cmp.Diff([]int{64 << 10, 64 << 10, 64 << 10}, body.asked); diff != "" {
		t.Errorf("bytes asked for (-want +got)\n%s", diff)
	}
}
