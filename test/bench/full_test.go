package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// rest is how much longer than after other work a program must be calm that has started on a full cluster.
const rest = 10 * time.Second

// full starts the programs on a cluster that is empty, and on the same one as it grows. Ours makes it grow, theirs only at sizes that it
// reaches in a time that one wants to wait, on a cluster of its own.
func full(t *testing.T, b *bench) {
	if b.full[0] <= b.theirWave {
		t.Run("wave/"+record.Theirs, func(t *testing.T) {
			w, before := newWorld(t, b), 0
			for _, pods := range b.full {
				if pods <= b.theirWave {
					w.wave(t, theirs(), before, pods)
					before = pods
				}
			}
		})
	}
	w := newWorld(t, b)
	w.startInTurn(t, 0, false)
	before := 0
	for i, pods := range b.full {
		w.wave(t, ours(), before, pods)
		w.startInTurn(t, pods, i == len(b.full)-1)
		before = pods
	}
}

// wave has the program fill the cluster up from one size to the next.
func (w *world) wave(t *testing.T, p program, before, pods int) {
	ok := t.Run(fmt.Sprintf("wave/%s/%d", p.name, pods), func(inner *testing.T) {
		w.makeSpace(t, pods/few) // which stays when this part ends
		r := w.start(inner, p)
		r.ready(inner)
		r.measure(inner, record.Wave, 1, pods, func() {
			w.create(inner, before/few, pods/few, few)
			w.settle(inner, pods/few)
		})
		r.stop(inner)
	})
	if !ok {
		t.FailNow()
	}
}

// startInTurn starts each program, as often as asked for, on the cluster as it is.
func (w *world) startInTurn(t *testing.T, pods int, idle bool) {
	time.Sleep(rest) // the rest of the control plane may still have to do with what was made just now, which the first would suffer from
	for pair := range w.bench.pairs {
		for _, p := range turn(pair + 1) {
			waiting := w.waiting(t)
			t.Run(fmt.Sprintf("start/%d/%d/%s", pods, pair+1, p.name), func(t *testing.T) {
				r := w.start(t, p)
				r.measureStart(t, waiting, pair+1, pods)
				if idle {
					r.measureIdle(t, pair+1, pods)
				}
				r.stop(t)
			})
		}
	}
}

// measureIdle keeps what a program that has been calm for long takes in a time that is the same for both.
func (r *running) measureIdle(t *testing.T, pair, pods int) {
	t.Helper()
	r.world.audit.forget(t, r.user)
	before, begin := r.cpu(t), time.Now()
	time.Sleep(r.world.bench.idle)
	r.keep(t, record.Run{
		Workload: record.Idle, Pair: pair, Pods: pods, Seconds: time.Since(begin).Seconds(), CPUSeconds: r.cpu(t) - before, RSS: r.memory(t, "VmRSS"),
	})
}
