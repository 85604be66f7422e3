package failover

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// report collects what scenarios have seen.
type report struct {
	mu   sync.Mutex
	rows []*row // guarded by mu: in the order in which they were first told of
}

// row is one figure of one program in one scenario.
type row struct {
	scenario, program, what string
	values                  []float64 // infinite where it never came to that
	unit                    string
	instead                 string // what an infinite value is shown as
}

// add notes the value of one run, in seconds or as a count.
func (r *report) add(scenario string, p program, what, unit string, value float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.rowLocked(scenario, p, what, unit)
	o.values = append(o.values, value)
}

// rowLocked returns the row of the figure, a new one if it is first told of.
func (r *report) rowLocked(scenario string, p program, what, unit string) *row {
	i := slices.IndexFunc(r.rows, func(o *row) bool { return o.scenario == scenario && o.program == p.name && o.what == what })
	if i < 0 {
		i = len(r.rows)
		r.rows = append(r.rows, &row{scenario: scenario, program: p.name, what: what, unit: unit})
	}
	return r.rows[i]
}

func (r *report) addTime(scenario string, p program, what string, d time.Duration) {
	r.add(scenario, p, what, " s", d.Seconds())
}

func (r *report) addCount(scenario string, p program, what string, n int) {
	r.add(scenario, p, what, "", float64(n))
}

// addNever notes a run in which what was to be timed never came, and what is shown in its place: it is worse than any time.
func (r *report) addNever(scenario string, p program, what, instead string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.rowLocked(scenario, p, what, " s")
	o.instead = instead
	o.values = append(o.values, math.Inf(1))
}

const preface = `# Availability

<!-- Made by make test-failover. Do not edit. -->

What was seen on a local control plane in one run of ` + "`make test-failover`" + `: a leader and a standby as processes of their own, with the
default lease (15 s, renew deadline 10 s, retry period 2 s), under ten new Deployments of two pods a second. A Deployment
waits until it has its first pod. Writes are counted from the API server's audit log, events left out. kube-controller-manager is
1.37.2 with its Deployment and ReplicaSet controllers alone, in the same run on the same API server; where a figure of it is "ends", the
process has exited, and goes on when somebody starts it again. Other work shared the machine: read the times as what a busy one shows.
See [high availability](high-availability.md) for why.

| scenario | figure | program | runs | median | worst |
| --- | --- | --- | --- | --- | --- |
`

// publish writes the page if all tests have passed. What a failed run has seen is no claim: it goes to a draft, whose path is returned.
func (r *report) publish(path string, passed bool) (draft string, err error) {
	if passed {
		return "", r.write(path)
	}
	dir, err := os.MkdirTemp("", "wheelhouse-availability-")
	if err != nil {
		return "", fmt.Errorf("make a folder for a draft of %s: %w", path, err)
	}
	draft = filepath.Join(dir, filepath.Base(path))
	return draft, r.write(draft)
}

// write writes the page.
func (r *report) write(path string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var page strings.Builder
	page.WriteString(preface)
	for _, o := range r.rows {
		values := slices.Sorted(slices.Values(o.values))
		fmt.Fprintf(&page, "| %s | %s | %s | %d | %s | %s |\n", o.scenario, o.what, o.program, len(values), o.show(median(values)), o.show(values[len(values)-1]))
	}
	return os.WriteFile(path, []byte(page.String()), 0o600)
}

// show returns the value as the page shows it.
func (o *row) show(value float64) string {
	switch {
	case math.IsInf(value, 1):
		return o.instead
	case o.unit == "":
		return strconv.FormatFloat(value, 'f', -1, 64) // a count, or what is between two
	}
	return strconv.FormatFloat(value, 'f', 2, 64) + o.unit
}

// median returns the middle of sorted values, or the mean of the two that are in the middle.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func TestPageShowsTheMedianAndTheWorst(t *testing.T) {
	var r report
	p := wheelhouse()
	for _, seconds := range []int{3, 1, 2} {
		r.addTime("odd", p, "time", time.Duration(seconds)*time.Second)
	}
	r.addTime("even", p, "time", 2*time.Second)
	r.addTime("even", p, "time", time.Second)
	r.addCount("counted", p, "number", 4)
	r.addCount("counted", p, "number", 1)
	r.addTime("never", p, "time", time.Second)
	r.addNever("never", p, "time", "ends")
	path := filepath.Join(t.TempDir(), "page.md")
	if draft, err := r.publish(path, true); draft != "" || err != nil {
		t.Fatalf("publish = %q, %v", draft, err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := preface + `| odd | time | wheelhouse | 3 | 2.00 s | 3.00 s |
| even | time | wheelhouse | 2 | 1.50 s | 2.00 s |
| counted | number | wheelhouse | 2 | 2.5 | 4 |
| never | time | wheelhouse | 2 | ends | ends |
`
	if diff := cmp.Diff(want, string(page)); diff != "" {
		t.Errorf("page (-want +got)\n%s", diff)
	}
}

func TestPageOfAFailedRunIsADraft(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "page.md")
	draft, err := new(report).publish(path, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(draft); err != nil {
		t.Errorf("the draft: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the page: %v, want %v", err, fs.ErrNotExist)
	}
}
