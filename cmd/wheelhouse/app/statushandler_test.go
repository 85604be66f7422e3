package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// idleProcess is a process with one controller that is never run, nor is anything asked.
func idleProcess(t *testing.T, o *options) *process {
	t.Helper()
	idle := controllers.Descriptor{Name: "idle", Doc: "does nothing", New: func(controllers.Env) (controllers.Controller, error) { return nil, nil }}
	o.all = []controllers.Descriptor{idle}
	if o.Client.Kubeconfig == "" {
		o.Client.Master = "http://127.0.0.1:1"
	}
	p, err := o.newProcess(o.all, pflag.NewFlagSet(programName, pflag.ContinueOnError))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.manager.Close)
	return p
}

// Nothing on the status port is told to a site that calls this machine by a name of its own, and nothing there can be changed.
func TestAllOfTheStatusPortIsGuarded(t *testing.T) {
	handler, err := idleProcess(t, defaultOptions(nil)).statusHandler(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/controllers/idle", "/metrics", "/healthz", "/healthz/idle", "/livez", "/readyz", "/readyz/api-server", "/nothing"} {
		for _, tt := range []struct {
			method, host string
			want         int // 0 for an answer that isn't one of the guard
		}{
			{http.MethodGet, "localhost:10281", 0},
			{http.MethodHead, "127.0.0.1", 0},
			{http.MethodGet, "evil.example", http.StatusMisdirectedRequest},
			{http.MethodGet, "10.0.0.1:10281", http.StatusMisdirectedRequest},
			{http.MethodPost, "localhost", http.StatusMethodNotAllowed},
			{http.MethodPut, "localhost", http.StatusMethodNotAllowed},
		} {
			request := httptest.NewRequest(tt.method, path, nil)
			request.Host = tt.host
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			if guarded := answer.Code == http.StatusMisdirectedRequest || answer.Code == http.StatusMethodNotAllowed; guarded != (tt.want != 0) || guarded && answer.Code != tt.want {
				t.Errorf("%s %s of %s has status %d, want %d", tt.method, path, tt.host, answer.Code, tt.want)
			}
		}
	}
}

// Whoever can't show who they are learns on the secure port what fails, not why.
func TestStrangersLearnNoReasons(t *testing.T) {
	p := idleProcess(t, defaultOptions(nil))
	local, err := p.statusHandler(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(handler http.Handler) string {
		request := httptest.NewRequest(http.MethodGet, "/readyz/idle", nil)
		request.Host = "localhost"
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer.Body.String()
	}
	const withheld = "[-]idle failed: reason withheld\n"
	if got := ask(p.secureHandler(time.Now(), false)); !strings.Contains(got, withheld) {
		t.Errorf("the secure port answers %q, want %q", got, withheld)
	}
	if got := ask(local); !strings.Contains(got, "[-]idle failed: ") || strings.Contains(got, withheld) {
		t.Errorf("the status port answers %q, want a reason", got)
	}
}
