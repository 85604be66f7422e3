package record

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
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

func TestUnfinishedPartReplacesNoLongerOne(t *testing.T) {
	runs := func(n int) Part { return Part{Scenario: "many", Runs: make([]Run, n)} }
	for name, c := range map[string]struct {
		old, new int
		finished bool
		kept     int
	}{
		"the first":            {0, 1, false, 1},
		"a rerun's first":      {4, 1, false, 4},
		"as many as before":    {4, 4, false, 4},
		"more than before":     {4, 5, false, 5},
		"fewer were asked for": {4, 2, true, 2},
	} {
		path := filepath.Join(t.TempDir(), "raw.json")
		f := File{Parts: []Part{runs(c.old)}}
		if err := errors.Join(f.Keep(path, runs(c.old), true), f.Keep(path, runs(c.new), c.finished)); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		beside, err := Load(Unfinished(path, "many"))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(got.Part("many").Runs); n != c.kept {
			t.Errorf("%s: the file has %d runs, want %d", name, n, c.kept)
		}
		if waits := beside.Part("many") != nil; waits != (c.new < c.kept) {
			t.Errorf("%s: a part is beside the file: %v", name, waits)
		}
	}
}

func TestFinishedPartIsNoLongerBeside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "raw.json")
	f := File{Parts: []Part{{Scenario: "many", Runs: make([]Run, 2)}}}
	for n := range 2 {
		if err := f.Keep(path, Part{Scenario: "many", Runs: make([]Run, n+1)}, false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(Unfinished(path, "many")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the part that has replaced the old one is beside the file still: %v", err)
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
		{"watch", "pods", http.StatusOK}: 3,
	}
	want := []int{22, 19, 12, 2}
	if diff := cmp.Diff(want, []int{q.Total(), q.NoWatches(), q.Writes(), q.Conflicts()}); diff != "" {
		t.Errorf("total, all but watches, writes and conflicts (-want +got)\n%s", diff)
	}
}

func TestNoKindOfRequests(t *testing.T) {
	if err := new(Request).UnmarshalText([]byte("patch pods")); err == nil {
		t.Error("a kind without a code was read")
	}
}
