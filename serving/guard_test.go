package serving

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/zap"
	"k8s.io/apiserver/pkg/authentication/authenticator"
)

// A flood of those who want to see something doesn't keep the probes from being answered.
func TestTooManyRequests(t *testing.T) {
	nobody := authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) { return nil, false, nil })
	g := newGuard([]string{"/healthz"}, nobody, nil, zap.NewNop(), http.HandlerFunc(hello))
	status := func(path string) int {
		answer := httptest.NewRecorder()
		g.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		return answer.Code
	}
	for range maxInFlight {
		g.places <- struct{}{}
	}
	if got := status("/metrics"); got != http.StatusTooManyRequests {
		t.Errorf("/metrics has status %d in a flood, want 429", got)
	}
	if got := status("/healthz"); got != http.StatusOK {
		t.Errorf("/healthz has status %d in a flood, want 200", got)
	}
	<-g.places
	for range 2 * maxInFlight { // each gives its place back
		if got := status("/metrics"); got != http.StatusUnauthorized {
			t.Fatalf("/metrics has status %d after the flood, want 401", got)
		}
	}
}

// Whatever a pattern opens, no path that is shorter in another form gets through by it.
func FuzzOpenPaths(f *testing.F) {
	for _, path := range []string{"/healthz", "/healthz/../metrics", "//healthz", "/healthz/./a", "*", "", "/metrics/"} {
		f.Add(path)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	nobody := authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) { return nil, false, nil })
	g := newGuard(DefaultOptions().AlwaysAllowPaths, nobody, nil, zap.NewNop(), mux)
	f.Fuzz(func(t *testing.T, path string) {
		for _, method := range []string{http.MethodGet, http.MethodConnect} {
			request := httptest.NewRequest(method, "/", nil)
			request.URL.Path, request.URL.RawPath = path, ""
			answer := httptest.NewRecorder()
			g.ServeHTTP(answer, request)
			if answer.Code == http.StatusTeapot || answer.Code == http.StatusMovedPermanently {
				t.Errorf("%s %q gets through to /metrics, or is sent on, with status %d", method, path, answer.Code)
			}
		}
	})
}
