package leaderelection

import (
	"context"
	"time"

	"go.uber.org/zap"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// write sends the lease, as a new one if it has no version, and takes in the answer.
func (e *Elector) write(ctx context.Context, lease *coordinationv1.Lease) error {
	ctx, cancel := context.WithTimeout(ctx, e.requestTimeout())
	defer cancel()
	var err error
	turn := e.view.turn()
	if lease.ResourceVersion == "" {
		lease, err = e.leases.Create(ctx, lease, metav1.CreateOptions{})
		e.note(creating, err)
	} else {
		lease, err = e.leases.Update(ctx, lease, metav1.UpdateOptions{})
		e.note(writing, err)
	}
	e.learn(turn, lease, err)
	return err
}

// look reads the lease and takes it in.
func (e *Elector) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.requestTimeout())
	defer cancel()
	turn := e.view.turn()
	lease, err := e.leases.Get(ctx, e.config.Name, metav1.GetOptions{})
	e.note(reading, err)
	e.learn(turn, lease, err)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// learn takes in the answer to a request that was sent in the given turn of the view.
func (e *Elector) learn(turn int, lease *coordinationv1.Lease, err error) {
	switch {
	case err == nil:
		e.see(sighting{lease: lease, turn: turn})
	case apierrors.IsNotFound(err):
		e.see(sighting{turn: turn})
	}
}

// requestTimeout bounds one request: half the renew deadline leaves time for a second try.
func (e *Elector) requestTimeout() time.Duration {
	return e.config.RenewDeadline / 2
}

// take tries to take the lease, which is free as it is, and returns the term that begins with it, or nil.
func (e *Elector) take(ctx context.Context, lease *coordinationv1.Lease) *term {
	t := e.newTerm(ctx)
	began, stamp := e.config.Clock(), time.Now()
	err := e.write(ctx, e.config.taken(lease, e.config.Identity, stamp))
	if err == nil {
		t.extend(began, stamp)
		if ctx.Err() == nil && e.enter(t) {
			return t
		}
	} else {
		e.config.Log.Debug("lease not acquired", zap.Error(err))
	}
	t.end(drained)
	if ctx.Err() != nil || apierrors.IsConflict(err) { // it may be ours all the same, or the watch has not told whose it is
		if err := e.look(context.WithoutCancel(ctx)); err != nil {
			e.config.Log.Debug("lease not read", zap.Error(err))
		}
	}
	if ctx.Err() != nil {
		e.release(context.WithoutCancel(ctx))
	}
	return nil
}

// keep renews the lease until ctx ends.
func (e *Elector) keep(ctx context.Context, t *term) {
	for sleep(ctx, e.config.RetryPeriod) && !t.over() {
		err := e.renew(ctx, t)
		if apierrors.IsConflict(err) && e.readAgain(ctx) { // our last renewal came late, or the lease is lost
			err = e.renew(ctx, t)
		}
		if err != nil && ctx.Err() == nil {
			e.config.Log.Warn("lease not renewed", zap.Error(err))
		}
	}
}

// readAgain reports whether the lease could be read, after a renewal of what was seen last had failed.
func (e *Elector) readAgain(ctx context.Context) bool {
	e.metrics.slow.Inc()
	return e.look(ctx) == nil && ctx.Err() == nil
}

func (e *Elector) renew(ctx context.Context, t *term) error {
	lease := e.view.get()
	if holderOf(lease) != e.config.Identity { // the term has ended with that
		return nil
	}
	began, stamp := e.config.Clock(), time.Now()
	err := e.write(ctx, e.config.renewed(lease, stamp))
	if err == nil {
		t.extend(began, stamp)
	}
	return err
}

// release gives the lease up if it is still ours, so that the next holder need not wait until it expires. A failure costs that
// wait and nothing else.
func (e *Elector) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, e.config.RenewDeadline)
	defer cancel()
	err := e.clearHolder(ctx)
	// A renewal that was cut short may have arrived just now.
	for tries := 0; apierrors.IsConflict(err) && tries < releaseTries; tries++ {
		if err = e.look(ctx); err == nil {
			err = e.clearHolder(ctx)
		}
	}
	if err != nil {
		e.config.Log.Warn("release lease", zap.Error(err))
	}
}

// releaseTries bounds how often a release is tried again that others' writes came before. None of them is ours any more.
const releaseTries = 3

func (e *Elector) clearHolder(ctx context.Context) error {
	lease := e.view.get()
	if holderOf(lease) != e.config.Identity {
		return nil
	}
	err := e.write(ctx, released(lease, time.Now()))
	if err == nil {
		e.config.Log.Info("lease released", zap.String("lease", e.config.lease()))
	}
	return err
}

// sleep waits, and reports whether ctx has not ended by then.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
