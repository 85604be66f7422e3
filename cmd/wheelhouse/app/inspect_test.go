package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/cmd/wheelhouse/app"
	"github.com/6ead2ce0/wheelhouse/controllers"
)

// page answers as a status page with the files that the page's own tests keep: what it answers is what the commands read.
func page(t *testing.T) *httptest.Server {
	t.Helper()
	files := map[string]string{
		"/":                               "process.json",
		"/controllers/sets":               "controller.json",
		"/controllers/sets/keys/shop/web": "failing.json",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, known := files[r.URL.Path]
		switch {
		case r.URL.RawQuery != "format=json":
			t.Errorf("asked for %s, want JSON", r.URL)
		case !known:
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error": "There is no such thing."}`)) // the test reads it
		default:
			http.ServeFile(w, r, filepath.Join("../../../status/pages/testdata", name))
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestInspect(t *testing.T) {
	tests := []struct {
		golden string
		args   []string
	}{
		{"status.txt", []string{"status"}},
		{"status-controller.txt", []string{"status", "sets"}},
		{"status-controller.yaml", []string{"status", "sets", "-o=yaml"}},
		{"explain.txt", []string{"explain", "sets", "shop/web"}},
		{"help-status.txt", []string{"status", "--help"}},
		{"help-explain.txt", []string{"explain", "--help"}},
	}
	server := page(t)
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) { wantGolden(t, tt.golden, append(tt.args, "--address="+server.URL)...) })
	}
}

// What comes as JSON is what the page answered with.
func TestInspectAsJSON(t *testing.T) {
	got := execute(fakes(), "explain", "sets", "shop/web", "-o=json", "--address="+page(t).URL+"/")
	want, err := os.ReadFile("../../../status/pages/testdata/failing.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.out); diff != "" {
		t.Errorf("explain -o json (-want +got)\n%s", diff)
	}
}

func TestInspectErrors(t *testing.T) {
	server := page(t)
	api := apiServer{lease: "vm_1"}.start(t)
	refused := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refused.Close)
	tests := []struct {
		name   string
		args   []string
		status int
		err    string
	}{
		{"no such controller", []string{"status", "other", "--address=" + server.URL}, 1, server.URL + ": There is no such thing."},
		{"no page", []string{"status", "--address=" + refused.URL}, 1, refused.URL + " answers 404 Not Found: no status page is there"},
		{"nobody listens", []string{"status", "--address=http://127.0.0.1:1"}, 1, "ask http://127.0.0.1:1 for its status: "},
		{"no URL", []string{"status", "--address=localhost:10281"}, 2, `--address: must be a URL such as http://127.0.0.1:10281, not "localhost:10281"`},
		{"format", []string{"status", "-o=xml"}, 2, `--output: must be "table", "json" or "yaml", not "xml"`},
		{"port", []string{"status", "--status-port=0"}, 2, "--status-port: must be from 1 to 65535, not 0"},
		{"too many arguments", []string{"status", "a", "b"}, 2, "status takes [CONTROLLER], not 2 arguments"},
		{"no key", []string{"explain", "a"}, 2, "explain takes CONTROLLER NAMESPACE/NAME, not 1 arguments"},
		{"many leaders", []string{"status", "--leader-elect-scope=controller", "--master=" + api}, 2, "--leader-elect-scope: with a lease for each controller, name"},
		{"no lease", []string{"status", "--leader-elect-resource-name=gone", "--master=" + api}, 1, "there is no lease kube-system/gone: is wheelhouse running"},
		{"no lease of the controller", []string{"status", "sets", "--leader-elect-scope=controller", "--master=" + api}, 1, "there is no lease kube-system/wheelhouse-sets"},
		{"no pod", []string{"status", "--master=" + api}, 1, "vm_1 holds the lease kube-system/wheelhouse, and is no pod in namespace kube-system: ask it by --address"},
		{"nobody leads", []string{"status", "--master=" + apiServer{}.start(t)}, 1, "nobody holds the lease kube-system/wheelhouse"},
		{"may not forward", []string{"status", "--master=" + apiServer{lease: "pod-0_1"}.start(t)}, 1, "forward a port to pod kube-system/pod-0: "},
		{"nothing behind the port", []string{"status", "--master=" + apiServer{lease: "pod-0_1", mayForward: true, behind: "127.0.0.1:1"}.start(t)}, 1, "ask pod kube-system/pod-0 for its status: dial tcp 127.0.0.1:1: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := execute(fakes(), tt.args...)
			if got.status != tt.status || !strings.HasPrefix(got.err, "wheelhouse: "+tt.err) || strings.Count(got.err, "\n") != 1 {
				t.Errorf("%q ends with status %d and %q, want %d and one line that begins with %q", tt.args, got.status, got.err, tt.status, tt.err)
			}
		})
	}
}

// An alias names the controller here as it does in --controllers.
func TestInspectByAlias(t *testing.T) {
	sets := controllers.Descriptor{Name: "sets", Aliases: []string{"sets-controller"}, Doc: "None.", New: alpha().New}
	server := page(t)
	want := execute(fakes(), "explain", "sets", "shop/web", "--address="+server.URL)
	got := execute([]controllers.Descriptor{sets}, "explain", "sets-controller", "shop/web", "--address="+server.URL)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{})); diff != "" || want.status != 0 {
		t.Errorf("by its name it ends with %d, by its alias otherwise (-name +alias)\n%s", want.status, diff)
	}
}

// TestWatchGoesOnAfterAFailure ends when the page has answered again. The second time it breaks off, as a leader does that goes.
func TestWatchGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	times := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch times++; times {
		case 2:
			panic(http.ErrAbortHandler)
		case 3:
			defer end()
		}
		http.ServeFile(w, r, "../../../status/pages/testdata/failing.json")
	}))
	t.Cleanup(server.Close)
	var out, err bytes.Buffer
	cmd := app.NewCommand(fakes()...)
	cmd.SetArgs([]string{"explain", "sets", "shop/web", "--watch", "-o=yaml", "--address=" + server.URL})
	cmd.SetOut(&out)
	cmd.SetErr(&err)
	if failure := cmd.ExecuteContext(ctx); failure != nil {
		t.Errorf("it ends with %v", failure)
	}
	if parts := strings.Split(out.String(), "---\n"); len(parts) != 3 || parts[1] != "" || parts[0] == "" {
		t.Errorf("it wrote %q, want the first answer, nothing, and perhaps the third", parts)
	}
	if want := "wheelhouse: ask " + server.URL + " for its status: "; !strings.HasPrefix(err.String(), want) || strings.Count(err.String(), "\n") != 1 {
		t.Errorf("it complained %q, want one line that begins with %q", err.String(), want)
	}
}

func TestInspectThroughTheAPIServer(t *testing.T) {
	behind := strings.TrimPrefix(page(t).URL, "http://")
	for _, webSocket := range []bool{true, false} {
		t.Run(fmt.Sprintf("over WebSocket %t", webSocket), func(t *testing.T) {
			forwarded := map[string]int{}
			api := apiServer{lease: "pod-0_1", mayForward: true, webSocket: webSocket, behind: behind, forwarded: forwarded}.start(t)
			wantGolden(t, "explain.txt", "explain", "sets", "shop/web", "--master="+api)
			want := map[string]int{http.MethodGet: 1} // WebSocket
			if !webSocket {
				want = map[string]int{http.MethodGet: 1, http.MethodPost: 1} // and then SPDY
			}
			if diff := cmp.Diff(want, forwarded); diff != "" {
				t.Errorf("requests to forward a port (-want +got)\n%s", diff)
			}
		})
	}
}
