package record

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFileIsReadAsWritten(t *testing.T) {
	var f File
	f.Replace(Part{Scenario: "first", Commit: "old"})
	f.Replace(Part{Scenario: "second"})
	f.Replace(Part{Scenario: "first", Commit: "new", Runs: []Run{{
		Workload: Roll, Program: Ours, Pair: 2, Seconds: 1.5,
		Requests: Requests{{"patch", "deployments/status", http.StatusOK}: 3, {"watch", "pods", http.StatusOK}: 1},
	}}})
	path := filepath.Join(t.TempDir(), "folder", "raw.json")
	if err := f.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, got); diff != "" {
		t.Errorf("file (-want +got)\n%s", diff)
	}
	if n := len(got.Parts); n != 2 {
		t.Errorf("the file has %d parts, want 2", n)
	}
}

func TestNoFileIsEmpty(t *testing.T) {
	f, err := Load(filepath.Join(t.TempDir(), "raw.json"))
	if err != nil || f.Part("any") != nil {
		t.Errorf("Load = %v, %v", f, err)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	q := Requests{
		{"create", "pods", http.StatusCreated}: 10, {"update", "replicasets/status", http.StatusConflict}: 2,
		{"get", "pods", http.StatusConflict}: 1, {"list", "pods", http.StatusOK}: 1, {"create", "selfsubjectaccessreviews", http.StatusCreated}: 5,
	}
	want := []int{19, 12, 2}
	if diff := cmp.Diff(want, []int{q.Total(), q.Writes(), q.Conflicts()}); diff != "" {
		t.Errorf("total, writes and conflicts (-want +got)\n%s", diff)
	}
}

func TestNoKindOfRequests(t *testing.T) {
	if err := new(Request).UnmarshalText([]byte("patch pods")); err == nil {
		t.Error("a kind without a code was read")
	}
}
