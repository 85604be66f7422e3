package worker_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// Whatever the buckets are, durations are known to a tenth by servers that take native histograms.
func TestHistogramsAreNative(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(time.Second))
		f.Add(key("a"), worker.Live)
		f.term(t, time.Minute)
		families, err := f.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, family := range families {
			for _, m := range family.GetMetric() {
				h := m.GetHistogram()
				if h.GetSampleCount() == 0 {
					continue
				}
				seen++
				if h.Schema == nil || len(h.GetPositiveSpan())+int(h.GetZeroCount()) == 0 || len(h.GetBucket()) == 0 {
					t.Errorf("%s of one reconcile is %v, want it native, with buckets beside", family.GetName(), h)
				}
			}
		}
		if seen != 3 { // of the queue's two, and of reconciles that succeed
			t.Errorf("%d histograms have a sample, want 3", seen)
		}
	})
}
