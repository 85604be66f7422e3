package serving

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/zap"
	"k8s.io/client-go/kubernetes/fake"
)

// What is behind the guard learns who asks, and on an open path it can find out whether somebody may know more.
func TestVisitors(t *testing.T) {
	api := fake.NewClientset()
	api.PrependReactor("create", "tokenreviews", reviewToken)
	api.PrependReactor("create", "subjectaccessreviews", reviewAccess)
	behind := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%q may get /metrics: %v", Asker(r.Context()), MayGet(r, "/metrics"))
	})
	g := newGuard([]string{"/open"}, anyOf(byToken(api.AuthenticationV1().TokenReviews(), answerTime, zap.NewNop())),
		newAccess(api.AuthorizationV1().SubjectAccessReviews(), answerTime, answerTime), zap.NewNop(), behind)
	tests := []struct {
		path, token, want string
		questions         int
	}{
		{"/open", "", `"" may get /metrics: false`, 0},
		{"/open", "unheardof", `"" may get /metrics: false`, 1},
		{"/open", "broken", `"" may get /metrics: false`, 1},
		{"/open", "stranger", `"" may get /metrics: false`, 2},
		{"/open", "reader", `"" may get /metrics: true`, 2},
		{"/metrics", "reader", `"reader" may get /metrics: true`, 0}, // remembered
	}
	for _, tt := range tests {
		api.ClearActions()
		request := httptest.NewRequest(http.MethodGet, tt.path, nil)
		request.Header = bearer(tt.token)
		answer := httptest.NewRecorder()
		g.ServeHTTP(answer, request)
		if got := answer.Body.String(); answer.Code != http.StatusOK || got != tt.want {
			t.Errorf("%s with token %q: status %d, %s, want %s", tt.path, tt.token, answer.Code, got, tt.want)
		}
		if got := len(api.Actions()); got != tt.questions {
			t.Errorf("%s with token %q: %d questions to the API server, want %d", tt.path, tt.token, got, tt.questions)
		}
	}
	if MayGet(httptest.NewRequest(http.MethodGet, "/", nil), "/metrics") {
		t.Error("somebody may whom no guard let through")
	}
}
