package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.uber.org/zap"
)

// outcome is how a reconcile ended; its text is the label of the metric.
type outcome string

const (
	succeeded outcome = "success"
	failed    outcome = "error"
	panicked  outcome = "panic"
	timedOut  outcome = "timeout"
	cutShort  outcome = "cancelled" // by the end of the term
	dropped   outcome = "dropped"   // an error for which no retry was left
)

var outcomes = [...]outcome{succeeded, failed, panicked, timedOut, cutShort, dropped}

// panicError is a panic of a reconcile.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("panic: %v", e.value)
}

// process reconciles the key under the context of the term and tells the queue what follows.
func (w *Worker) process(term context.Context, key Key) {
	ctx, cancel := context.WithTimeout(term, w.config.Timeout)
	defer cancel()
	traced, span := w.startSpan(ctx, key)
	counting := &tallied{Context: traced}
	result, err := w.reconcile(counting, key)
	how := classify(term, ctx, err)
	if how != succeeded && how != cutShort && w.exhausted(key) {
		how = dropped
	}
	w.metrics.outcomes[how].Inc()
	w.queue.ended(how)
	r := w.newRecord(key, how, &counting.tally, err)
	endSpan(span, &r, result.Blocked, err)
	w.follow(r, result, err)
}

// newRecord returns the record of a reconcile that has just ended, without what follows.
func (w *Worker) newRecord(key Key, how outcome, t *tally, err error) record {
	r := record{visit: w.queue.visit(key), result: how, err: errorText(err)}
	r.duration = time.Since(r.started)
	r.writes, r.writesOmitted = t.close()
	return r
}

// follow gives the key back to the queue and keeps the record.
func (w *Worker) follow(r record, result Result, err error) {
	switch r.result {
	case succeeded:
		r.blocked = shortened(result.Blocked)
		r.again = w.queue.finish(r.key, result.RequeueAfter, r.blocked)
	case cutShort:
		w.queue.putBack(r.key)
	case dropped:
		r.failures = w.queue.failures(r.key) + 1
		w.queue.succeed(r.key, 0)
		w.log(r.key, err).Error("dropped after too many failed retries", zap.Int("retries", w.config.MaxRetries))
	default:
		r.again, r.failures = w.queue.fail(r.key, r.err)
		w.log(r.key, err).Error("reconcile failed", zap.Int("failures", r.failures), zap.Duration("retryIn", r.again.Round(time.Millisecond)))
	}
	w.metrics.took[r.result].Observe(r.duration.Seconds())
	w.ring.note(r, time.Now())
}

// reconcile calls the controller and turns a panic into an error.
func (w *Worker) reconcile(ctx context.Context, key Key) (result Result, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value: value, stack: debug.Stack()}
		}
	}()
	return w.config.Reconcile(ctx, key)
}

func classify(term, ctx context.Context, err error) outcome {
	var panicErr *panicError
	switch {
	case err == nil:
		return succeeded
	case errors.As(err, &panicErr):
		return panicked
	case term.Err() != nil:
		return cutShort
	case ctx.Err() != nil:
		return timedOut
	}
	return failed
}

// exhausted reports whether a key that has just failed has no retry left.
func (w *Worker) exhausted(key Key) bool {
	return w.config.MaxRetries > 0 && w.queue.failures(key) >= w.config.MaxRetries
}

func (w *Worker) log(key Key, err error) *zap.Logger {
	log := w.config.Log.With(zap.Stringer("key", key), zap.Error(err))
	var panicErr *panicError
	if errors.As(err, &panicErr) {
		log = log.With(zap.ByteString("stack", panicErr.stack))
	}
	return log
}
