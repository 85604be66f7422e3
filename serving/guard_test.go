package serving

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/zap"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// named is an authenticator that takes everybody for the name.
func named(name string) authenticator.Request {
	return authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) {
		return &authenticator.Response{User: &user.DefaultInfo{Name: name}}, name != "", nil
	})
}

// permissive lets everybody do everything.
func permissive() *access {
	api := fake.NewClientset()
	api.PrependReactor("create", "subjectaccessreviews", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, &authorizationv1.SubjectAccessReview{Status: authorizationv1.SubjectAccessReviewStatus{Allowed: true}}, nil
	})
	return newAccess(api.AuthorizationV1().SubjectAccessReviews(), answerTime, answerTime)
}

// A flood of those who may see something doesn't keep the probes from being answered, nor strangers from being refused.
func TestTooManyRequests(t *testing.T) {
	g := newGuard([]string{"/healthz"}, named("somebody"), permissive(), zap.NewNop(), http.HandlerFunc(hello))
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
	g.who = named("")
	if got := status("/metrics"); got != http.StatusUnauthorized {
		t.Errorf("/metrics has status %d for a stranger in a flood, want 401", got)
	}
	g.who = named("somebody")
	<-g.places
	for range 2 * maxInFlight { // each gives its place back
		if got := status("/metrics"); got != http.StatusOK {
			t.Fatalf("/metrics has status %d after the flood, want 200", got)
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
	g := newGuard(DefaultOptions().AlwaysAllowPaths, named(""), nil, zap.NewNop(), mux)
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
