package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// pairOf is a run of each program, in which ours takes so many times what theirs does.
func pairOf(pair int, workload string, pods int, times float64) []record.Run {
	theirs := record.Run{
		Workload: workload, Program: record.Theirs, Pair: pair, Pods: pods,
		Seconds: 10, CPUSeconds: 10, RSS: 100 << 20, PeakRSS: 100 << 20, FirstWrite: 1, FirstAnswer: 2,
		Requests: record.Requests{{Verb: "create", Resource: "pods", Code: 201}: 100, {Verb: "update", Resource: "pods", Code: 409}: 10},
	}
	ours := theirs
	ours.Program, ours.Seconds, ours.CPUSeconds = record.Ours, times*10, times*10
	ours.RSS, ours.PeakRSS, ours.FirstWrite = int64(times*(100<<20)), 100<<20, times
	ours.Requests = record.Requests{{Verb: "create", Resource: "pods", Code: 201}: int(times * 110)}
	return []record.Run{theirs, ours}
}

func measured() record.File {
	var runs []record.Run
	for pair, times := range []float64{0.5, 0.25, 1} {
		for _, workload := range []string{record.Create, record.Roll, record.ScaleUp, record.ScaleDown, record.CreateOne, record.RollOne} {
			runs = append(runs, pairOf(pair+1, workload, 1000, times)...)
		}
		for _, pods := range []int{0, 50_000} {
			runs = append(runs, pairOf(pair+1, record.Start, pods, times)...)
		}
	}
	runs = append(runs, pairOf(1, record.Idle, 50_000, 1)...)
	runs = append(runs, pairOf(1, record.Wave, 1000, 1)...)
	runs = append(runs, pairOf(1, record.Wave, 5000, 1)...)
	return record.File{Parts: []record.Part{{Scenario: "many", Runs: runs}}}
}

const failovers = `
| SIGTERM of the leader | longest wait before it | wheelhouse | 20 | 9.00 s | 0.23 s |
| SIGTERM of the leader | longest wait | wheelhouse | 20 | 0.20 s | 0.28 s |
| SIGTERM of the leader | longest wait | kube-controller-manager | 2 | 20.00 s | 27.83 s |
`

func TestGoals(t *testing.T) {
	want := `| measure | goal | measured | least – greatest | reached |
| --- | --- | --- | --- | --- |
| writes in b, roll | ≤ 0.40 | 0.50 | 0.25 – 1.00 | no, 25% more |
| conflicts of wheelhouse in a, b, c, d, all pairs together | 0 | 0 | – | yes |
| writes in a, create | ≤ 0.65 | 0.50 | 0.25 – 1.00 | yes |
| wall time of a, create | ≤ 0.75 | 0.50 | 0.25 – 1.00 | yes |
| wall time of b, roll | ≤ 0.75 | 0.50 | 0.25 – 1.00 | yes |
| wall time of d, one big Deployment | ≤ 0.75 | 0.50 | 0.25 – 1.00 | yes |
| CPU time of a to d | ≤ 0.60 | 0.50 | 0.25 – 1.00 | yes |
| resident memory with 50,000 pods | ≤ 0.45 | 0.50 | 0.25 – 1.00 | no, 11% more |
| time to the first write, started cold with 50,000 pods | ≤ 0.80 | 0.50 | 0.25 – 1.00 | yes |
| longest wait when the leader gets SIGTERM, in [availability](availability.md) | ≤ 0.060 | 0.010 | – | yes |
| CPU time while idle with 50,000 pods | ≤ 1.00 | 1.00 | 1.00 – 1.00 | yes |
| requests while idle with 50,000 pods | ≤ 1.00 | 1.00 | 1.00 – 1.00 | yes |
| of them, those that are no watches | ≤ 1.00 | 1.00 | 1.00 – 1.00 | yes |
`
	if diff := cmp.Diff(want, goalTable(goals(measured(), failovers))); diff != "" {
		t.Errorf("goals (-want +got)\n%s", diff)
	}
}

func TestWhatIsNotMeasuredIsNotReached(t *testing.T) {
	for _, g := range goals(record.File{}, "") {
		if g.reached() != "not measured" {
			t.Errorf("%s: %s", g.what, g.reached())
		}
	}
}

func TestGoalsBesideNothing(t *testing.T) {
	file := func(theirs, ours int) record.File {
		runs := pairOf(1, record.Idle, 50_000, 1)
		runs[0].Requests = record.Requests{{Verb: "list", Resource: "pods", Code: 200}: theirs}
		runs[1].Requests = record.Requests{{Verb: "list", Resource: "pods", Code: 200}: ours}
		return record.File{Parts: []record.Part{{Runs: runs}}}
	}
	const row = "| requests while idle with 50,000 pods | ≤ 1.00 | "
	for want, f := range map[string]record.File{
		row + "1.00 | 1.00 – 1.00 | yes |":           file(0, 0),
		row + "∞ | ∞ – ∞ | no, 2 beside 0 |":         file(0, 2),
		row + "3.00 | 3.00 – 3.00 | no, 200% more |": file(1, 3),
		row + "0.00 | 0.00 – 0.00 | yes |":           file(2, 0),
	} {
		if got := goalTable(goals(f, "")); !strings.Contains(got, want) {
			t.Errorf("goals have no %q:\n%s", want, got)
		}
	}
}

func TestPairIsWholeWithEachWorkload(t *testing.T) {
	twice := slices.Repeat(pairOf(1, record.ScaleUp, 10, 0.5), 2)
	file := record.File{Parts: []record.Part{{Runs: twice}}}
	if c := compare(file, wallTime(), -1, works()["c"]...); len(c.ratios) > 0 {
		t.Errorf("a pair without the second half of c has ratios %v", c.ratios)
	}
	file.Parts[0].Runs = slices.Concat(twice, pairOf(1, record.ScaleDown, 10, 0.5))
	if diff := cmp.Diff([]float64{10}, compare(file, wallTime(), -1, works()["c"]...).ours); diff != "" {
		t.Errorf("time of c (-want +got)\n%s", diff)
	}
}

func TestPairsWithoutOneProgramAreLeftOut(t *testing.T) {
	file := record.File{Parts: []record.Part{{Runs: append(pairOf(1, record.Roll, 10, 0.5), pairOf(2, record.Roll, 10, 0.25)[0])}}}
	want := []float64{0.5}
	if diff := cmp.Diff(want, compare(file, wallTime(), -1, record.Roll).ratios); diff != "" {
		t.Errorf("ratios (-want +got)\n%s", diff)
	}
}

func TestRatiosOfNothing(t *testing.T) {
	if r := ratio(0, 0); r != 1 {
		t.Errorf("nothing to nothing is %v, want 1", r)
	}
	if r := ratio(1, 0); !math.IsInf(r, 1) {
		t.Errorf("something to nothing is %v, want infinite", r)
	}
}

func TestPageHasNotesAndPictures(t *testing.T) {
	dir := t.TempDir()
	raw, availability, page := filepath.Join(dir, "raw.json"), filepath.Join(dir, "availability.md"), filepath.Join(dir, "page.md")
	file := measured()
	if err := file.Save(raw); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{availability: failovers, filepath.Join(dir, "page", "notes.md"): "It is slow for a reason."} {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run([]string{raw, availability, page}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"It is slow for a reason.", "## e: started cold", "| kube-controller-manager | 5,000 | 20.00 s | 250 |"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the page has no %q", part)
		}
	}
	for _, name := range []string{"writes", "wall", "cpu", "memory", "start", "wave"} {
		if _, err := os.Stat(filepath.Join(dir, "page", name+".svg")); err != nil {
			t.Errorf("picture: %v", err)
		}
	}
}
