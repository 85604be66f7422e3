package bench

import (
	"testing"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

const (
	few  = 10 // pods of a Deployment
	most = 50 // after it was scaled up
)

// many creates, rolls and scales many Deployments.
func many(t *testing.T, w *world, p program, pair int) {
	n := w.bench.deployments
	r := w.begin(t, p, n)
	do := func(workload string, pods int, ask func()) {
		r.measure(t, workload, pair, pods, func() { ask(); w.settle(t, n) })
	}
	do(record.Create, n*few, func() { w.create(t, 0, n, few) })
	do(record.Roll, n*few, func() { w.roll(t, n) })
	do(record.ScaleUp, n*most, func() { w.scale(t, n, most) })
	do(record.ScaleDown, n*few, func() { w.scale(t, n, few) })
	r.stop(t)
}

// one creates and rolls one big Deployment.
func one(t *testing.T, w *world, p program, pair int) {
	pods := w.bench.big
	r := w.begin(t, p, 1)
	r.measure(t, record.CreateOne, pair, pods, func() { w.create(t, 0, 1, pods); w.settle(t, 1) })
	r.measure(t, record.RollOne, pair, pods, func() { w.roll(t, 1); w.settle(t, 1) })
	r.stop(t)
}

// churn lets pods of many Deployments fail, or deletes them, so many a second.
func churn(t *testing.T, w *world, p program, pair int) {
	n := w.bench.deployments
	r := w.begin(t, p, n)
	w.create(t, 0, n, few)
	w.settle(t, n)
	r.awaitCalm(t, calm)
	r.measure(t, record.Churn, pair, w.bench.churned, func() {
		w.awaitReplaced(t, w.fell(t, w.bench.rate, w.bench.churned), n*few)
		w.settle(t, n)
	})
	r.stop(t)
}

// begin starts the program on a cluster with room for so many Deployments, and waits until it is ready.
func (w *world) begin(t *testing.T, p program, deployments int) *running {
	t.Helper()
	w.makeSpace(t, deployments)
	r := w.start(t, p)
	r.ready(t)
	return r
}
