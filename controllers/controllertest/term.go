package controllertest

import (
	"context"
	"errors"
	"testing/synctest"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

const (
	// termTime is how long a term lasts: enough for retries, and for what is done once a minute.
	termTime = time.Minute
	// drainTime is how long Run may take to return when it is told to begin nothing more: there is little to finish.
	drainTime = 30 * time.Second
	// lossTime is how long Run may take to return when its work is cancelled: a host gives up on it then.
	lossTime = 5 * time.Second
)

// ending is how a term ends.
type ending bool

const (
	byDrain ending = true  // running reconciles may finish
	byLoss  ending = false // they are cancelled
)

// outcome is how a call of Run went.
type outcome struct {
	err      error // that Run returned, or a *panicError
	returned bool  // in time
	early    bool  // before it was told to end
	calls    int   // that the controller made
}

func (o outcome) panicked() bool {
	var panicErr *panicError
	return errors.As(o.err, &panicErr)
}

// term calls Run for one term.
func (tr *trial) term(how ending) outcome {
	work, lose := context.WithCancel(context.Background())
	defer lose()
	run, drain := worker.WithDrain(work)
	defer drain()
	tr.calls, tr.tooMany = 0, lose
	returned := tr.run(run)
	o, ok := await(returned, termTime)
	switch {
	case ok:
		o.early = work.Err() == nil
	case how == byDrain:
		drain()
		o, o.returned = await(returned, drainTime)
	default:
		lose()
		o, o.returned = await(returned, lossTime)
	}
	o.returned = o.returned || ok
	synctest.Wait()
	o.calls = tr.calls
	return o
}

// run calls Run and sends its outcome.
func (tr *trial) run(ctx context.Context) <-chan outcome {
	returned := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() { returned <- o }()
		defer catch("Run", &o.err)
		o.err = tr.controller.Run(ctx)
	}()
	return returned
}

func await(returned <-chan outcome, d time.Duration) (outcome, bool) {
	select {
	case o := <-returned:
		return o, true
	case <-time.After(d):
		return outcome{}, false
	}
}
