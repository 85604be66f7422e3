// Package bench measures wheelhouse and kube-controller-manager doing the same work on control planes of the same make.
//
// It does so only if WHEELHOUSE_BENCH names a file for what was measured. `make bench` sets that, and makes docs/benchmarks.md of the file
// (command page). In each scenario the programs take turns, so that what changes on the machine in the meantime changes it for both.
package bench

import (
	"fmt"
	"testing"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// scenario is what is measured together, and can be measured alone.
type scenario struct {
	name string
	run  func(t *testing.T, b *bench)
}

// scenarios are in the order in which they are measured.
func scenarios() []scenario {
	return []scenario{
		{"many", inTurn(many)},
		{"one", inTurn(one)},
		{"churn", inTurn(churn)},
		{"full", full},
	}
}

// bench is what scenarios share.
type bench struct {
	settings
	file record.File
	part record.Part
}

func TestSideBySide(t *testing.T) {
	s := fromEnvironment(t)
	file, err := record.Load(s.out)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{settings: s, file: file}
	for _, c := range scenarios() {
		if s.has(c.name) {
			b.part = newPart(t, c.name, s)
			b.finish(t, t.Run(c.name, func(t *testing.T) { c.run(t, b) }))
		}
	}
}

// inTurn has each program do the same on a cluster of its own, as often as asked for.
func inTurn(measure func(t *testing.T, w *world, p program, pair int)) func(t *testing.T, b *bench) {
	return func(t *testing.T, b *bench) {
		for pair := range b.pairs {
			for _, p := range turn(pair + 1) {
				t.Run(fmt.Sprintf("%d/%s", pair+1, p.name), func(t *testing.T) { measure(t, newWorld(t, b), p, pair+1) })
			}
		}
	}
}

// add keeps a run at once: a measurement of hours may be cut off.
func (b *bench) add(t *testing.T, r record.Run) {
	t.Helper()
	b.part.Runs = append(b.part.Runs, r)
	if err := b.file.Keep(b.out, b.part, false); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s of %d pods, pair %d, %s: %.2f s, %.2f s of CPU, %d requests, %d writes, %d conflicts, %d MiB (%d at its peak)",
		r.Workload, r.Pods, r.Pair, r.Program, r.Seconds, r.CPUSeconds, r.Requests.Total(), r.Requests.Writes(), r.Requests.Conflicts(),
		r.RSS>>20, r.PeakRSS>>20)
}

// finish puts a part in the place of an earlier one that has more runs, if all that was asked for this time was measured.
func (b *bench) finish(t *testing.T, ok bool) {
	t.Helper()
	if ok {
		if err := b.file.Keep(b.out, b.part, true); err != nil {
			t.Fatal(err)
		}
		return
	}
	beside := record.Unfinished(b.out, b.part.Scenario)
	t.Logf("%s isn't finished: if an earlier time has measured more, that stays, and this is in %s", b.part.Scenario, beside)
}
