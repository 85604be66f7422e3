package manager_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/6ead2ce0/wheelhouse/manager"
)

func get(handler http.Handler, path string) (int, string) {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder.Code, recorder.Body.String()
}

// everybody may know why a check fails.
func everybody(*http.Request) bool { return true }

func TestHealthHandler(t *testing.T) {
	good := manager.Check{Name: "good", Run: func() error { return nil }}
	bad := manager.Check{Name: "bad", Run: func() error { return errors.New("no milk") }}
	tests := []struct {
		name   string
		checks []manager.Check
		path   string
		code   int
		body   string
	}{
		{"all well", []manager.Check{good}, "/readyz", 200, "ok"},
		{"all well, verbose", []manager.Check{good}, "/readyz?verbose", 200, "[+]good ok\nreadyz check passed\n"},
		{"one ill", []manager.Check{good, bad}, "/readyz", 503, "[+]good ok\n[-]bad failed: no milk\nreadyz check failed\n"},
		{"the well one", []manager.Check{good, bad}, "/readyz/good", 200, "ok"},
		{"the ill one", []manager.Check{good, bad}, "/readyz/bad", 503, "[-]bad failed: no milk\nreadyz check failed\n"},
		{"unknown", []manager.Check{good}, "/readyz/who", 404, "404 page not found\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, body := get(manager.HealthHandler("/readyz", tt.checks, everybody), tt.path)
			if code != tt.code || body != tt.body {
				t.Errorf("GET %s = %d %q, want %d %q", tt.path, code, body, tt.code, tt.body)
			}
		})
	}
}

// Those who may not know get the names of what is ill. Whether somebody may is asked only when there is something to tell.
func TestReasonsAreWithheld(t *testing.T) {
	fine := manager.Check{Name: "fine", Run: func() error { return nil }}
	ill := manager.Check{Name: "ill", Run: func() error { return errors.New("connect to 10.0.0.1: refused") }}
	worse := manager.Check{Name: "worse", Run: func() error { return errors.New("forbidden: list pods") }}
	asked := 0
	handler := manager.HealthHandler("/readyz", []manager.Check{ill, fine, worse}, func(*http.Request) bool { asked++; return false })
	for path, want := range map[string]string{
		"/readyz":              "[-]ill failed: reason withheld\n[+]fine ok\n[-]worse failed: reason withheld\nreadyz check failed\n",
		"/readyz/ill":          "[-]ill failed: reason withheld\nreadyz check failed\n",
		"/readyz/fine?verbose": "ok",
	} {
		if _, body := get(handler, path); body != want {
			t.Errorf("GET %s = %q, want %q", path, body, want)
		}
	}
	if asked != 2 {
		t.Errorf("whether somebody may know was asked %d times, want 2", asked)
	}
}

func TestReadyChecksNameWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset()
		allow(client, func(string, string) bool { return false })
		m := start(t, withClient(client, podReader("reader", idle), controller("other", idle)))
		time.Sleep(time.Second)
		_, body := get(manager.HealthHandler("/readyz", m.ReadyChecks(), everybody), "/readyz")
		for _, line := range []string{"[-]reader failed: forbidden: list pods, watch pods", "[+]other ok"} {
			if !strings.Contains(body, line+"\n") {
				t.Errorf("readyz lacks the line %q:\n%s", line, body)
			}
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAPIServerCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fault error
		server := manager.NewAPIServer(zap.NewNop())
		transport := server.Wrap(tripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusInternalServerError, Body: http.NoBody}, fault
		}))
		refused := errors.New("connection refused")
		steps := []struct {
			fault error
			want  string
		}{
			{nil, "ok"}, // an answer of 500 is an answer
			{refused, "connection refused (for 0s)"},
			{refused, "connection refused (for 3s)"},
			{context.Canceled, "connection refused (for 6s)"},
			{nil, "ok"},
			{context.Canceled, "ok"},
			{context.DeadlineExceeded, "context deadline exceeded (for 0s)"},
		}
		for _, step := range steps {
			fault = step.fault
			response, err := transport.RoundTrip(httptest.NewRequest(http.MethodGet, "/", nil))
			if !errors.Is(err, step.fault) {
				t.Errorf("the error of the request is %v, want %v", err, step.fault)
			}
			if err := response.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if got := outcome(server.Check()); got != step.want {
				t.Errorf("after %v the check says %q, want %q", step.fault, got, step.want)
			}
			time.Sleep(3 * time.Second)
		}
	})
}

func TestAnswerThatBreaksOff(t *testing.T) {
	for _, tc := range []struct {
		name  string
		close bool // before it breaks off
		want  string
	}{
		{"by itself", false, "connection reset (for 0s)"},
		{"because we closed it", true, "ok"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := manager.NewAPIServer(zap.NewNop())
			broken := io.NopCloser(iotest.ErrReader(errors.New("connection reset")))
			transport := server.Wrap(tripper(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: broken}, nil
			}))
			response, err := transport.RoundTrip(httptest.NewRequest(http.MethodGet, "/", nil))
			if err != nil {
				t.Fatal(err)
			}
			if tc.close {
				_ = response.Body.Close()
			}
			_, _ = io.ReadAll(response.Body)
			_ = response.Body.Close()
			if got := outcome(server.Check()); got != tc.want {
				t.Errorf("the check says %q, want %q", got, tc.want)
			}
		})
	}
}

func outcome(err error) string {
	if err != nil {
		return err.Error()
	}
	return "ok"
}
