package replicaset

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/apifault"
)

// removal is what became of one deletion.
type removal struct {
	pod   *corev1.Pod
	err   error
	begun bool // false if the turn ended before the request was sent
}

// remove deletes the pods, which are in the order of deletion. A batch in which one deletion fails is the last.
func (e *Engine) remove(ctx context.Context, o observation, pods []*corev1.Pod, m *memory) outcome {
	end := e.now().Add(turn)
	var gone []*corev1.Pod
	for begin := 0; begin < len(pods); begin += maxParallel {
		batch := e.removeBatch(ctx, o, pods[begin:min(begin+maxParallel, len(pods))], end, begin == 0)
		done, cut, err := m.recordRemovals(batch, e.now())
		gone = append(gone, done...)
		if err != nil {
			return e.removeFailed(ctx, o, gone, err, m)
		}
		if cut || !e.now().Before(end) {
			break
		}
	}
	e.removed(o, gone, m)
	return outcome{again: againIf(len(gone) < len(pods))}
}

// removeBatch asks for the deletion of the pods. Of the first batch of a turn at least one request is sent.
func (e *Engine) removeBatch(ctx context.Context, o observation, pods []*corev1.Pod, end time.Time, first bool) []removal {
	turn, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	batch := make([]removal, len(pods))
	e.spread(len(pods), func(i int) {
		waiting := turn
		if first && i == 0 {
			waiting = ctx
		}
		batch[i] = removal{pod: pods[i]}
		if e.pass(waiting, o.replicaSet.Namespace) == nil {
			batch[i].begun = true
			batch[i].err = e.api.deletePod(ctx, pods[i])
		}
	})
	return batch
}

// recordRemovals remembers the pods that are gone, or about to go, and those that may be. It returns whether
// the turn ended before all requests were sent, and the first error.
func (m *memory) recordRemovals(batch []removal, now time.Time) (gone []*corev1.Pod, cut bool, err error) {
	for _, r := range batch {
		if r.begun { // by our own will: what becomes of it says nothing about a storm
			m.newborns.forget(r.pod)
		}
		switch {
		case !r.begun:
			cut = true
		case r.err == nil || apierrors.IsNotFound(r.err) || apierrors.IsConflict(r.err): // a conflict: another pod has its name
			m.pods.Deleted(r.pod, now)
			gone = append(gone, r.pod)
		default:
			if apifault.IsAmbiguous(r.err) {
				m.doubted.Deleted(r.pod, now)
			}
			if err == nil {
				err = r.err
			}
		}
	}
	return gone, cut, err
}

func (e *Engine) removed(o observation, gone []*corev1.Pod, m *memory) {
	if len(gone) == 0 {
		return
	}
	e.say(o.replicaSet, corev1.EventTypeNormal, successfulDelete, podsMessage("Deleted", gone))
	m.succeeded = true
	m.told.Over()
}

// removeFailed tells of the failure and returns it, so that the deletion is tried again.
func (e *Engine) removeFailed(ctx context.Context, o observation, gone []*corev1.Pod, err error, m *memory) outcome {
	e.removed(o, gone, m)
	if apifault.IsEnd(ctx, err) {
		return outcome{err: ctx.Err()}
	}
	m.succeeded = false
	e.sayFailure(o, m, failedDelete, apifault.Class(err), fmt.Sprintf("Error deleting: %v", err))
	return outcome{
		failure: &failure{reason: failedDelete, message: err.Error()},
		err:     fmt.Errorf("delete pods of replicaset %s: %w", keyOf(o.replicaSet), err),
	}
}
