package faultproxy

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestWithoutRulesRequestsPass(t *testing.T) {
	w := newWorld(t)
	code, body, err := w.post()
	if err != nil {
		t.Fatal(err)
	}
	if code != http.StatusCreated || body != "HTTP/2.0 jane [ops devs]" {
		t.Errorf("the client was told %d %q", code, body)
	}
	want := []Request{{
		Method: http.MethodPost, Path: podsPath, User: user, UserAgent: "Go-http-client/2.0",
		Verb: "create", Resource: "pods", Namespace: "a", Code: 201, Upstream: 201,
	}}
	if diff := cmp.Diff(want, w.Requests(Match{}), cmpopts.IgnoreFields(Request{}, "Begin", "End")); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
}

func TestFaultsOfRequests(t *testing.T) {
	tests := []struct {
		name           string
		fault          Fault
		code           int  // that the client is told; 0 if it meets an error
		asked          bool // the API server
		recordUpstream int
	}{
		{"status", Status(http.StatusServiceUnavailable, "no"), 503, false, 0},
		{"delay", Delay(time.Millisecond), 201, true, 201},
		{"reset", Reset(), 0, false, 0},
		{"abort", Abort(), 0, false, 0},
		{"black hole", BlackHole(), 0, false, 0},
		{"reply dropped", AfterCommit(Abort()), 0, true, 201},
		{"reply replaced", AfterCommit(Status(http.StatusGatewayTimeout, "late")), 504, true, 201},
		{"reply lost", AfterCommit(BlackHole()), 0, true, 201},
		{"call", Do(func() {}), 201, true, 201},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.client.Timeout = time.Second
			w.Add(Rule{Fault: test.fault})
			code, _, err := w.post()
			if code != test.code || (err != nil) != (test.code == 0) {
				t.Errorf("the client was told %d %v, want %d", code, err, test.code)
			}
			if asked := w.asked.Load() > 0; asked != test.asked {
				t.Errorf("the API server was asked: %v, want %v", asked, test.asked)
			}
			if got := w.Requests(Match{})[0]; got.Code != test.code || got.Upstream != test.recordUpstream {
				t.Errorf("recorded codes %d and %d, want %d and %d", got.Code, got.Upstream, test.code, test.recordUpstream)
			}
		})
	}
}

func TestStatusIsOneOfTheAPI(t *testing.T) {
	w := newWorld(t)
	w.Add(Rule{Fault: Status(http.StatusForbidden, "not today")})
	_, body, err := w.post()
	if err != nil {
		t.Fatal(err)
	}
	var got metav1.Status
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	want := metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure, Message: "not today", Reason: metav1.StatusReasonForbidden, Code: 403,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(metav1.Status{}, "Details")); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestResetEndsAllOfTheConnection(t *testing.T) {
	w := newWorld(t)
	watch := w.watch(t)
	w.Add(Rule{Match: Match{Verbs: []string{"create"}}, Fault: Reset()})
	_, _, err := w.post()
	if !errors.Is(err, syscall.ECONNRESET) && !strings.Contains(err.Error(), "connection reset") {
		t.Errorf("the client saw %v, want a reset connection", err)
	}
	if _, err := watch.Read(make([]byte, 1)); err == nil {
		t.Error("a watch on the same connection goes on")
	}
}

func TestSilentConnectionsCarryNothing(t *testing.T) {
	w := newWorld(t)
	if _, _, err := w.post(); err != nil {
		t.Fatal(err)
	}
	w.Silence()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+w.Address()+podsPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(w.client.Do(request)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the client saw %v on a silent connection, want nothing", err)
	}
	fresh := &http.Transport{TLSClientConfig: w.client.Transport.(*http.Transport).TLSClientConfig.Clone(), ForceAttemptHTTP2: true}
	defer fresh.CloseIdleConnections()
	w.client.Transport.(*http.Transport).CloseIdleConnections()
	w.client.Transport = fresh
	if code, _, err := w.post(); code != http.StatusCreated {
		t.Errorf("a new connection: %d %v", code, err)
	}
}
