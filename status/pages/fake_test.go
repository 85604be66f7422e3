package pages_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
	"github.com/6ead2ce0/wheelhouse/status/pages"
)

// hosting is a manager of three controllers: one at work, one that can't be looked into, and one that waits.
type hosting struct {
	inspectors map[string]manager.Inspector
	began      time.Time
}

func (h hosting) Statuses() []manager.Status {
	return []manager.Status{
		{Controller: "sets", State: manager.Running, Since: h.began},
		{Controller: "closed", State: manager.Backoff, Reason: "panic: boom", Since: h.began},
		{Controller: "late", State: manager.Waiting, Reason: "forbidden: list pods", Since: h.began},
	}
}

// Inspector returns nil, and no interface that holds nil, where there is none.
func (h hosting) Inspector(controller string) manager.Inspector {
	return h.inspectors[controller]
}

func (h hosting) Caches() []manager.Cache {
	return []manager.Cache{
		{Resource: "pods", Objects: 50_000, Bytes: 70 << 20, Synced: true, Idle: seconds(3)},
		{Resource: "replicasets.apps", Error: "connection refused", Idle: seconds(90)},
	}
}

func seconds(n int) metav1.Duration { return metav1.Duration{Duration: time.Duration(n) * time.Second} }

// fake is an inspector with what it is given.
type fake struct {
	work    worker.Inspection
	records []worker.Record
	failing []worker.KeyState
	blocked []worker.KeyState
}

func (f fake) Inspect() worker.Inspection      { return f.work }
func (f fake) Records(n int) []worker.Record   { return f.records[:min(n, len(f.records))] }
func (f fake) Slowest(n int) []worker.Record   { return f.records[:min(n, len(f.records))] }
func (f fake) Failing(n int) []worker.KeyState { return f.failing[:min(n, len(f.failing))] }
func (f fake) Blocked(n int) []worker.KeyState { return f.blocked[:min(n, len(f.blocked))] }

func (f fake) History(key worker.Key) worker.History {
	h := worker.History{KeyState: worker.KeyState{Key: worker.Ref(key), State: worker.Idle}}
	for _, s := range append(f.failing, f.blocked...) {
		if s.Key == worker.Ref(key) {
			h.KeyState = s
		}
	}
	for _, r := range f.records {
		if r.Key == worker.Ref(key) {
			h.Records = append(h.Records, r)
		}
	}
	return h
}

// ref is a key in the namespace shop.
func ref(name string) worker.Ref { return worker.Ref{Namespace: "shop", Name: name} }

// record is of a reconcile that ended just now.
func record(name string) worker.Record {
	now := time.Now()
	return worker.Record{
		Key:    ref(name),
		Causes: []worker.Cause{{Event: worker.Updated, Kind: "Pod", Object: ref(name + "-1"), Count: 2}}, CausesOmitted: 3,
		Queued: now.Add(-2 * time.Second), Started: now.Add(-time.Second), Wait: seconds(1),
		Duration: metav1.Duration{Duration: 20 * time.Millisecond}, Result: "success",
	}
}

// troubled is a worker with a key that fails, one that is blocked and one that is fine.
func troubled() fake {
	now := time.Now()
	failed, blocked := record("web"), record("cart")
	failed.Result, failed.Error, failed.Failures, failed.Again = "error", "create pods: timeout", 7, seconds(12)
	blocked.Blocked = "exceeded quota: small"
	blocked.Writes = []worker.Write{{Verb: "create", Resource: "pods", Code: 403, Count: 2}, {Verb: "update", Resource: "pods", Count: 1}}
	return fake{
		work: worker.Inspection{
			Workers: 5, Busy: 1, Depth: 2, Delayed: 1, Failing: 3, Backoff: 1, Blocked: 1, Oldest: seconds(4), OldestKey: ref("old"),
			Reconciles: 30, Errors: 6, LastSuccess: now.Add(-time.Second), LastError: &failed,
		},
		records: []worker.Record{failed, blocked, record("fine")},
		failing: []worker.KeyState{{
			Key: ref("web"), State: worker.Waiting, Due: now.Add(12 * time.Second),
			Failures: 7, FailingSince: now.Add(-2 * time.Minute), LastError: "create pods: timeout",
		}},
		blocked: []worker.KeyState{{
			Key: ref("cart"), State: worker.Waiting, Due: now.Add(3 * time.Second),
			Blocked: "exceeded quota: small", BlockedSince: now.Add(-time.Minute),
		}},
	}
}

// newHandler answers for a replica that leads and has an inspector for the controller sets.
func newHandler(t testing.TB, sets manager.Inspector) http.Handler {
	t.Helper()
	began := time.Now().Add(-time.Hour)
	handler, err := pages.NewHandler(status.Config{
		Version: "v1.2.3", Identity: "pod-0_a", Started: began,
		Manager: hosting{inspectors: map[string]manager.Inspector{"sets": sets}, began: began},
		Leases: func() []status.Lease {
			return []status.Lease{{
				Name: "kube-system/wheelhouse", Holder: "pod-0_a", Since: began, Renewed: time.Now(), Leads: true,
				Controllers: []string{"sets", "closed", "late"},
			}}
		},
		Replicas: func() []string { return []string{"pod-1_b"} },
	}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	return pages.LocalOnly(handler)
}

// get asks for a page as somebody on this machine would.
func get(handler http.Handler, path string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, "http://localhost:10281"+path, nil)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

// decode returns the JSON of a page.
func decode[T any](t *testing.T, handler http.Handler, path string) T {
	t.Helper()
	answer := get(handler, path)
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s answers %d (%s): %s", path, answer.Code, answer.Header().Get("Content-Type"), answer.Body)
	}
	var value T
	decoder := json.NewDecoder(answer.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return value
}
