package leaderelection

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
)

// ending is why a term ended. To whoever asks why a request was cut short it is a cancellation.
type ending string

const (
	expired = ending("others may take the lease: it was not renewed in time")
	drained = ending("the term was drained")
	vacated = ending("somebody has released or deleted the lease")
)

func (e ending) Error() string { return string(e) }

// Is reports whether target is what the end of a context is.
func (e ending) Is(target error) bool { return target == context.Canceled }

func lostTo(holder string) ending {
	if holder == "" {
		return vacated
	}
	return ending(fmt.Sprintf("the lease is held by %q", holder))
}

// term is one span of leadership.
type term struct {
	elector *Elector
	// context ends with the term, whose end is its cause, and carries it.
	context context.Context
	cancel  context.CancelCauseFunc

	mu       sync.Mutex
	began    time.Duration // guarded by mu; by the clock, before the last renewal that counts was sent
	stamp    time.Time     // guarded by mu: what that renewal says
	deadline *time.Timer   // guarded by mu; runs out when the term must have ended; nil until the first renewal
	doubted  time.Duration // guarded by mu; by the clock: until when a write may be carried out of which no answer came
	writes   int           // guarded by mu: how many have been begun and not ended
}

type termKey struct{}

// newTerm returns a term that lasts no time until it is extended.
func (e *Elector) newTerm(ctx context.Context) *term {
	t := &term{elector: e}
	ctx, t.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	t.context = context.WithValue(ctx, termKey{}, t)
	return t
}

// termOf returns the term that the context belongs to, or nil.
func termOf(ctx context.Context) *term {
	t, _ := ctx.Value(termKey{}).(*term)
	return t
}

// extend lets the term last until the renew deadline after began, which was taken before the renewal was sent: others count
// from when they first saw it, which can't be before. Of the stamp they know the second, if they are client-go's: a renewal
// within the same second is none to them, and the one before it may have reached them earlier than we know.
func (t *term) extend(began time.Duration, stamp time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.deadline != nil && stamp.Unix() == t.stamp.Unix() {
		return
	}
	t.began, t.stamp = began, stamp
	if t.deadline != nil {
		t.deadline.Stop()
	}
	if left := t.leftLocked(); left > 0 {
		t.deadline = time.AfterFunc(left, t.check)
	} else { // at once, and not in the goroutine of a timer, or a term could begin
		t.cancel(expired)
	}
}

// leftLocked returns how long the term may last if it is not extended.
func (t *term) leftLocked() time.Duration {
	return t.began + t.elector.config.RenewDeadline - t.elector.config.Clock()
}

// check ends the term if its time is over. The timer that calls it stands still while the machine sleeps, and then comes late.
func (t *term) check() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if left := t.leftLocked(); left > 0 && t.deadline != nil {
		t.deadline.Reset(left)
	} else {
		t.cancel(expired)
	}
}

// over reports whether the term has ended, by the clock at this moment.
func (t *term) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.leftLocked() <= 0 {
		t.cancel(expired)
	}
	return t.context.Err() != nil
}

// safeFor returns how long it is until somebody else may hold the lease.
func (t *term) safeFor() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.began + t.elector.config.LeaseDuration - t.elector.config.Clock()
}

// doubt takes in that a write has had no answer. As long as others have to wait when a term can't be renewed, it may be on its way.
func (t *term) doubt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.doubted = t.elector.config.Clock() + t.elector.config.LeaseDuration - t.elector.config.RenewDeadline
}

// beginWrite counts a write, until endWrite is called.
func (t *term) beginWrite() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes++
}

func (t *term) endWrite() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes--
}

func (t *term) isWriting() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.writes > 0
}

// settle waits until no write of the term is expected to be carried out any more. Others may take the lease no sooner.
func (t *term) settle(log *zap.Logger) {
	t.mu.Lock()
	wait := t.doubted - t.elector.config.Clock()
	t.mu.Unlock()
	if wait > 0 {
		log.Info("the lease is released later: a write had no answer", zap.Duration("in", wait))
		time.Sleep(wait)
	}
}

// end ends the term, unless it has ended already.
func (t *term) end(cause error) {
	t.cancel(cause)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.deadline != nil {
		t.deadline.Stop()
	}
}
