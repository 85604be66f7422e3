package pages_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The clock of a bubble begins at the same time in each run.
func TestPages(t *testing.T) {
	pages := map[string]string{
		"process.html":    "/",
		"process.json":    "/?format=json",
		"controller.html": "/controllers/sets",
		"controller.json": "/controllers/sets?format=json",
		"closed.html":     "/controllers/closed",
		"failing.html":    "/controllers/sets/keys/shop/web",
		"failing.json":    "/controllers/sets/keys/shop/web?format=json",
		"blocked.html":    "/controllers/sets/keys/shop/cart",
		"fine.html":       "/controllers/sets/keys/shop/fine",
		"unknown.html":    "/controllers/sets/keys/nowhere",
		"missing.html":    "/controllers/missing",
	}
	for name, path := range pages {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { wantGolden(t, name, get(newHandler(t, troubled()), path).Body.String()) })
		})
	}
}

func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	// What the style is, is no matter of the pages.
	got = regexp.MustCompile(`/assets/(\w+)-[0-9a-f]{12}\.`).ReplaceAllString(got, "/assets/$1-HASH.")
	got = strings.ReplaceAll(got, "><", ">\n<") // a page is one line, of which no difference could be read
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update accepts it\n%s", name, diff)
	}
}

// Who decodes the JSON gets what was encoded.
func TestJSONIsThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := troubled()
		handler := newHandler(t, f)
		detail := decode[status.ControllerDetail](t, handler, "/controllers/sets?format=json")
		if diff := cmp.Diff(&f.work, detail.Work, equateTimes()); diff != "" {
			t.Errorf("work (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(f.records, detail.Records, equateTimes()); diff != "" {
			t.Errorf("records (-want +got)\n%s", diff)
		}
		key := decode[status.KeyDetail](t, handler, "/controllers/sets/keys/shop/web?format=json")
		if diff := cmp.Diff(f.History(worker.Key(ref("web"))), key.History, equateTimes()); diff != "" {
			t.Errorf("history (-want +got)\n%s", diff)
		}
		process := decode[status.Process](t, handler, "/?format=json")
		want := []status.Replica{{Identity: "pod-0_a", Self: true, Leads: []string{"sets", "closed", "late"}}, {Identity: "pod-1_b"}}
		if diff := cmp.Diff(want, process.Replicas); diff != "" {
			t.Errorf("replicas (-want +got)\n%s", diff)
		}
	})
}

// equateTimes compares times by what JSON says of them.
func equateTimes() cmp.Option {
	return cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name, method, host, path string
		code                     int
		says                     string
	}{
		{"no page", http.MethodGet, "localhost", "/nothing", 404, "There is no page here."},
		{"no controller", http.MethodGet, "localhost", "/controllers/missing", 404, "no controller &#34;missing&#34;"},
		{"no controller, as JSON", http.MethodGet, "localhost", "/controllers/missing?format=json", 404, `"error": "There is no controller \"missing\"`},
		{"no key", http.MethodGet, "localhost", "/controllers/sets/keys/a/b/c", 400, "A key is NAMESPACE/NAME"},
		{"empty name", http.MethodGet, "localhost", "/controllers/sets/keys/?key=shop/", 400, "A key is NAMESPACE/NAME"},
		{"no format", http.MethodGet, "localhost", "/?format=xml", 400, "The format can be"},
		{"post", http.MethodPost, "localhost", "/", 405, "Method Not Allowed"},
		{"delete", http.MethodDelete, "localhost", "/controllers/sets", 405, "Method Not Allowed"},
		{"foreign host", http.MethodGet, "evil.example", "/", 421, "localhost"},
		{"foreign host with our port", http.MethodGet, "evil.example:10281", "/?format=json", 421, "localhost"},
		{"host that begins like ours", http.MethodGet, "localhost.evil.example", "/", 421, "localhost"},
		{"other address", http.MethodGet, "10.0.0.1:10281", "/", 421, "localhost"},
		{"no host", http.MethodGet, "", "/", 421, "localhost"},
	}
	handler := newHandler(t, troubled())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request := httptest.NewRequest(tt.method, "http://localhost"+tt.path, nil)
			request.Host = tt.host
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			if answer.Code != tt.code || !strings.Contains(answer.Body.String(), tt.says) {
				t.Errorf("%s %s of %q answers %d, want %d and %q:\n%s", tt.method, tt.path, tt.host, answer.Code, tt.code, tt.says, answer.Body)
			}
		})
	}
}

func TestNamesOfThisMachine(t *testing.T) {
	handler := newHandler(t, troubled())
	for _, host := range []string{"localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:10281", "[::1]", "[::1]:10281"} {
		request := httptest.NewRequest(http.MethodHead, "http://localhost/", nil)
		request.Host = host
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != http.StatusOK {
			t.Errorf("HEAD of %q answers %d, want 200", host, answer.Code)
		}
	}
}

func TestHeaders(t *testing.T) {
	handler := newHandler(t, troubled())
	style := regexp.MustCompile(`/assets/status-\w+\.css`).FindString(get(handler, "/").Body.String())
	tests := []struct{ path, kind, kept string }{
		{"/", "text/html; charset=utf-8", "no-store"},
		{"/?format=json", "application/json", "no-store"},
		{"/controllers/missing", "text/html; charset=utf-8", "no-store"},
		{style, "text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/status-000000000000.css", "text/plain; charset=utf-8", "no-store"},
	}
	for _, tt := range tests {
		header := get(handler, tt.path).Header()
		if header.Get("Content-Type") != tt.kind || header.Get("Cache-Control") != tt.kept || header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s answers with %v, want %s, kept as %s, and a policy", tt.path, header, tt.kind, tt.kept)
		}
	}
}

func TestFormLeadsToTheKey(t *testing.T) {
	answer := get(newHandler(t, troubled()), "/controllers/sets/keys/?key=+shop%2Fweb%3F+")
	if got := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || got != "/controllers/sets/keys/shop/web%3F" {
		t.Errorf("the form leads to %q (%d)", got, answer.Code)
	}
}

// An answer is bounded, whatever there is.
func TestAnswersAreBounded(t *testing.T) {
	f := storm(10_000)
	detail := decode[status.ControllerDetail](t, newHandler(t, f), "/controllers/sets?format=json")
	if len(detail.Records) != 100 || len(detail.Failing) != 20 || len(detail.Slowest) != 20 {
		t.Errorf("%d records, %d failing keys and %d slow ones, want 100, 20 and 20", len(detail.Records), len(detail.Failing), len(detail.Slowest))
	}
	for i := range f.records {
		f.records[i].Key = ref("web")
	}
	key := decode[status.KeyDetail](t, newHandler(t, f), "/controllers/sets/keys/shop/web?format=json")
	if len(key.Records) != 100 || key.RecordsOmitted != 9_900 {
		t.Errorf("%d records of a key and %d left out, want 100 and 9900", len(key.Records), key.RecordsOmitted)
	}
}

// storm is a worker where so many keys fail, each with a long error.
func storm(n int) fake {
	f := fake{work: worker.Inspection{Workers: 5, Failing: n, Backoff: n}}
	for i := range n {
		r := record(fmt.Sprintf("web-%d", i))
		r.Result, r.Error, r.Failures = "error", strings.Repeat("exceeded quota ", 30), 3
		f.records = append(f.records, r)
		f.failing = append(f.failing, worker.KeyState{Key: r.Key, State: worker.Waiting, Failures: 3, LastError: r.Error})
	}
	return f
}

var _ manager.Inspector = (*worker.Worker)(nil)
