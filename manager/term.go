package manager

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// abandonTime is how long controllers may take to return when their work has been cancelled. What needs longer ignores its
// context, and would hold up the end of the process for ever.
const abandonTime = 5 * time.Second

// serve runs the controllers for one term. It returns when they have ended: after a drain when drain ends, at once when term
// ends. The error names those that would not end.
func (l *leadership) serve(shutdown, drain, term context.Context) error {
	log := l.config.Log
	work, abandon := context.WithCancel(term)
	defer abandon()
	run, stop := worker.WithDrain(work)
	defer stop()
	defer context.AfterFunc(drain, stop)()
	ended := l.start(run)
	select {
	case <-ended:
		return nil
	case <-run.Done():
	}
	if work.Err() == nil {
		log.Info("the term is to end: running reconciles may finish", zap.Duration("within", l.config.ShutdownTimeout))
	}
	if await(work, ended, l.config.ShutdownTimeout) {
		return nil
	}
	if work.Err() == nil {
		log.Warn("running reconciles are cancelled: they did not finish in time", zap.Duration("timeout", l.config.ShutdownTimeout))
	}
	abandon()
	return l.insist(shutdown, ended)
}

// await reports whether ended closes before timeout has passed and ctx has ended.
func await(ctx context.Context, ended <-chan struct{}, timeout time.Duration) bool {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-ctx.Done():
	case <-timer.C:
	}
	return false
}

// start starts the controllers in their order and returns a channel that closes when the last has ended.
func (l *leadership) start(run context.Context) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var running sync.WaitGroup
		defer running.Wait()
		for i, h := range l.hosted {
			if i > 0 && !sleep(run, l.config.StartInterval) {
				return
			}
			running.Go(func() { h.serve(run) })
		}
	}()
	return ended
}

// sleep waits, and reports whether ctx has not ended by then.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
