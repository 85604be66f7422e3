package controllertest

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"
)

func newStartsNothing(c candidate, r *report) {
	before := goleak.IgnoreCurrent()
	tr, ok := c.build(r)
	if !ok {
		return
	}
	if err := goleak.Find(before); err != nil {
		r.breach("New started goroutines; start them in Run: %v", err)
	}
	if calls := callsOf(tr.API); len(calls) > 0 {
		r.breach("New called the API server; do so in Run: %s", describe(calls))
	}
}

func newAsksForInformers(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok {
		return
	}
	if started := tr.startedInformers(); len(started) > 0 {
		r.breach("New started informers (%s); the host does that", strings.Join(started, ", "))
	}
	tr.start(r)
	asked := tr.startedInformers()
	tr.term(byLoss)
	tr.start(r) // starts those that were asked for in the meantime
	late := slices.DeleteFunc(tr.startedInformers(), func(name string) bool { return slices.Contains(asked, name) })
	if len(late) > 0 {
		r.breach("Run asked for informers (%s); ask in New, or the host neither starts them nor waits for them", strings.Join(late, ", "))
	}
	tr.end()
}

// startedInformers names the types of the informers that were started.
func (tr *trial) startedInformers() []string {
	ended, end := context.WithCancel(context.Background())
	end() // so that nothing is waited for
	var names []string
	for objects := range tr.Informers.WaitForCacheSync(ended.Done()) {
		names = append(names, strings.TrimPrefix(reflect.Type.String(objects), "*"))
	}
	slices.Sort(names)
	return names
}

func newWorksTwice(c candidate, r *report) {
	if _, ok := c.build(r); !ok {
		return
	}
	again := &report{}
	if _, ok := c.build(again); !ok {
		r.breach("a second call, with another registry, fails where the first did not: %s", strings.Join(again.breaches, "; "))
	}
}

func hasGoodMetrics(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok {
		return
	}
	tr.start(r)
	tr.term(byLoss)
	tr.end()
	problems, err := testutil.GatherAndLint(tr.Registry)
	if err != nil {
		r.breach("the metrics can't be gathered: %v", err)
	}
	for _, p := range problems {
		r.breach("metric %s: %s", p.Metric, p.Text)
	}
}
