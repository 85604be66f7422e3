package bench

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// rest is how long a program that has started has nothing to do before its memory is looked at.
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
	t.Run(fmt.Sprintf("wave/%s/%d", p.name, pods), func(inner *testing.T) {
		w.makeSpace(t, pods/few) // which stays when this part ends
		r := w.start(inner, p)
		r.ready(inner)
		r.measure(inner, record.Wave, 1, pods, func() {
			w.create(inner, before/few, pods/few, few)
			w.settle(inner, pods/few)
		})
		r.stop(inner)
	})
	if t.Failed() {
		t.FailNow()
	}
}

// startInTurn starts each program, as often as asked for, on the cluster as it is.
func (w *world) startInTurn(t *testing.T, pods int, idle bool) {
	for pair := range w.bench.pairs {
		for _, p := range []program{theirs(), ours()} {
			waiting := w.waiting(t)
			t.Run(fmt.Sprintf("start/%d/%d/%s", pods, pair+1, p.name), func(t *testing.T) {
				r := w.start(t, p)
				r.measureStart(t, waiting, pair+1, pods)
				if idle {
					r.measure(t, record.Idle, pair+1, pods, func() { time.Sleep(w.bench.idle) })
				}
				r.stop(t)
			})
		}
	}
}

// waiting makes a Deployment for which nobody has done anything, and returns the namespace that it is alone in.
func (w *world) waiting(t *testing.T) string {
	t.Helper()
	ns := cluster.Namespace(t, w.client)
	if _, err := w.client.AppsV1().Deployments(ns).Create(t.Context(), deployment("waiting", 1), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return ns
}

// measureStart keeps how long the program took until its first write, and until it answered the Deployment that waits, and its memory when
// it has become calm.
func (r *running) measureStart(t *testing.T, waiting string, pair, pods int) {
	t.Helper()
	var first, answer time.Time
	for deadline := time.Now().Add(patience); answer.IsZero(); time.Sleep(glance) {
		if time.Now().After(deadline) {
			t.Fatalf("%s has not begun to work within %v", r.name, patience)
		}
		first, answer = firstActs(r.world.audit.of(t, r.user), waiting)
	}
	r.awaitCalm(t)
	time.Sleep(rest)
	run := record.Run{
		Workload: record.Start, Program: r.name, Pair: pair, Pods: pods,
		FirstWrite: first.Sub(r.begun).Seconds(), FirstAnswer: answer.Sub(r.begun).Seconds(), CPUSeconds: r.cpu(t),
		RSS: r.memory(t, "VmRSS"), PeakRSS: r.memory(t, "VmHWM"), Requests: count(r.world.audit.of(t, r.user)),
	}
	t.Logf("the first write came after %.2f s, the answer to a Deployment that waited after %.2f s", run.FirstWrite, run.FirstAnswer)
	r.world.bench.add(t, run)
}

// firstActs returns when the API server got the first write, other than events, and the first ReplicaSet of the Deployment that waits.
func firstActs(entries []entry, waiting string) (first, answer time.Time) {
	for _, e := range entries {
		if !e.kind().IsWrite() || e.ObjectRef.Resource == "events" {
			continue
		}
		first = earlier(first, e.RequestReceivedTimestamp)
		if e.ObjectRef.Resource == "replicasets" && e.ObjectRef.Namespace == waiting {
			answer = earlier(answer, e.RequestReceivedTimestamp)
		}
	}
	return first, answer
}

// earlier returns the earlier of two times, of which the first may be none.
func earlier(known, further time.Time) time.Time {
	if known.IsZero() || known.After(further) {
		return further
	}
	return known
}
