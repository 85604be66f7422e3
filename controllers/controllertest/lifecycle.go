package controllertest

import (
	"context"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"
	"go.uber.org/zap/zapcore"
)

func runLasts(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok {
		return
	}
	tr.start(r)
	defer tr.end()
	o := tr.term(byLoss)
	switch {
	case o.panicked():
		r.breach("%v", o.err)
	case o.early && o.err != nil:
		r.breach("Run returned before its context ended: %v", o.err)
	case o.early:
		r.breach("Run returned before its context ended, which the host takes for a failure; wait for <-ctx.Done()")
	}
}

func runEndsAll(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok {
		return
	}
	tr.start(r)
	defer tr.end()
	for _, how := range []ending{byDrain, byLoss} {
		before := goleak.IgnoreCurrent()
		if o := tr.term(how); !o.returned {
			r.breach("Run did not return %s", how.late())
			return
		}
		checked := time.Now()
		if err := goleak.Find(before); err != nil {
			r.breach("Run returned, and what it started goes on; wait for it: %v", err)
			return
		}
		if time.Since(checked) > 0 {
			r.breach("Run returned while something that it started went on for up to %v; wait for it", time.Since(checked))
		}
	}
}

// late says what has not happened for how long.
func (e ending) late() string {
	if e == byDrain {
		return "within " + drainTime.String() + " of the end of its context, when it should have begun nothing more"
	}
	return "within " + lossTime.String() + " of the end of its context, which cancelled all work"
}

func runTakesEndedContext(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok {
		return
	}
	tr.start(r)
	defer tr.end()
	before := len(tr.API.Actions())
	ended, end := context.WithCancel(context.Background())
	end()
	o, returned := await(tr.run(ended), lossTime)
	switch {
	case !returned:
		r.breach("Run did not return within %v", lossTime)
	case o.panicked():
		r.breach("%v", o.err)
	}
	for _, action := range tr.API.Actions()[before:] {
		if isWrite(action.GetVerb()) {
			r.breach("Run called the API server: %s", callOf(action))
		}
	}
}

func runWorksAgain(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok {
		return
	}
	tr.start(r)
	defer tr.end()
	first := tr.workIn(byDrain, r)
	if err := tr.recreate(); err != nil {
		r.breach("%v", err)
		return
	}
	second := tr.workIn(byLoss, r)
	if errors := tr.Logs.FilterLevelExact(zapcore.ErrorLevel).All(); len(errors) > 0 {
		r.note("%d errors were logged; the first is %q with %v", len(errors), errors[0].Message, errors[0].ContextMap())
	}
	switch {
	case first == 0:
		r.note("the controller did nothing that can be seen: give Run objects that it works on")
	case second == 0 && len(r.breaches) == 0:
		r.breach("Run did nothing in the second term, although the objects had been created anew; in the first term it did")
	}
}

// workIn runs a term and returns how much could be seen to be done in it: calls, and what counters and histograms counted.
func (tr *trial) workIn(how ending, r *report) float64 {
	before := tr.counted()
	o := tr.term(how)
	switch {
	case o.panicked():
		r.breach("%v", o.err)
	case !o.returned:
		r.breach("Run did not return %s", how.late())
	}
	return tr.counted() - before + float64(o.calls)
}

// counted adds up all counters, and how often histograms and summaries were used.
func (tr *trial) counted() float64 {
	families, err := tr.Registry.Gather()
	if err != nil {
		return 0 // the check of the metrics tells
	}
	var sum float64
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetType() == dto.MetricType_COUNTER {
				sum += m.GetCounter().GetValue()
			}
			sum += float64(m.GetHistogram().GetSampleCount() + m.GetSummary().GetSampleCount())
		}
	}
	return sum
}

// recreate deletes the objects and creates them again, so that the controller has the same to do as in the beginning.
func (tr *trial) recreate() error {
	for _, object := range tr.candidate.objects {
		if err := tr.server.recreate(object); err != nil {
			return err
		}
	}
	synctest.Wait()
	return nil
}

func runComesToRest(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok {
		return
	}
	tr.start(r)
	defer tr.end()
	if o := tr.term(byLoss); o.calls > maxCalls {
		counts := callsOf(tr.API)
		r.breach("Run made more than %d calls within a minute: does it act on its own writes? %s", maxCalls, describe(counts))
	}
}
