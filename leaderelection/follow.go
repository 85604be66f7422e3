package leaderelection

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
)

// follow takes in what becomes of the lease, until ctx ends. It watches; where that fails, or brings nothing for some time, it
// reads the lease: without a watch, every retry period.
func (e *Elector) follow(ctx context.Context) {
	for ctx.Err() == nil {
		begun := time.Now()
		err := e.look(ctx)
		if err == nil {
			err = e.watch(ctx)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		e.config.Log.Debug("lease not watched", zap.Error(err))
		if time.Since(begun) < e.config.RetryPeriod { // a server that refuses at once must not be asked in a loop
			sleep(ctx, e.pause())
		}
	}
}

// silences is after how many retry periods without an event a watch is begun anew. A holder renews once in each: one that is held up
// should not cost a watch.
const silences = 2

// watch takes in events until the watch ends, is silent or fails.
func (e *Elector) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(silences*e.config.RetryPeriod, cancel) // also while nothing answers at all
	defer silence.Stop()
	// Without a version, the watch begins with the lease as it is: nothing is lost between the last look and now.
	events, err := e.leases.Watch(ctx, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector(metav1.ObjectNameField, e.config.Name).String(),
	})
	e.note(watching, err)
	if err != nil {
		return err
	}
	defer events.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-events.ResultChan():
			if !ok {
				return errWatchEnded
			}
			if err := e.hear(event); err != nil {
				return err
			}
			silence.Reset(silences * e.config.RetryPeriod)
		}
	}
}

var errWatchEnded = errors.New("the watch has ended")

func (e *Elector) hear(event watch.Event) error {
	if event.Type == watch.Error {
		return apierrors.FromObject(event.Object)
	}
	lease, ok := event.Object.(*coordinationv1.Lease)
	if !ok || lease.Name != e.config.Name {
		return nil
	}
	if event.Type == watch.Deleted {
		e.see(sighting{deleted: lease.ResourceVersion, turn: late})
	} else {
		e.see(sighting{lease: lease, turn: late})
	}
	return nil
}
