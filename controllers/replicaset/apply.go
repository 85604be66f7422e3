package replicaset

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// apply carries the decision out, in this order: release, adopt, create or delete, write the status.
func (e *Engine) apply(ctx context.Context, o observation, d decision, m *memory) (worker.Result, error) {
	if err := e.release(ctx, o, d.release, m); err != nil {
		return worker.Result{}, err
	}
	if again, err := e.adopt(ctx, o, d.adopt, m); err != nil || again > 0 {
		return worker.Result{RequeueAfter: again, Blocked: blockedBy(o.replicaSet.Status)}, err
	}
	out := e.scale(ctx, o, d, m)
	status, again := e.statusAfter(o, d, m, out)
	blocked := blockedBy(o.replicaSet.Status)
	if status != nil {
		blocked = blockedBy(*status)
		out.err = errors.Join(out.err, e.writeStatus(ctx, o, m, status))
	}
	return worker.Result{RequeueAfter: soonest.Of(again, out.again), Blocked: blocked}, out.err
}

// outcome is what became of creating and deleting.
type outcome struct {
	failure *failure
	again   time.Duration
	err     error // to be returned, so that the key is tried again after a delay
}

func (e *Engine) scale(ctx context.Context, o observation, d decision, m *memory) outcome {
	switch {
	case d.create > 0:
		return e.create(ctx, o, d.create, m)
	case len(d.remove) > 0:
		return e.remove(ctx, o, d.remove, m)
	}
	return outcome{}
}

// statusAfter returns the status to write after the pods have been dealt with. A failure is written at once.
func (e *Engine) statusAfter(o observation, d decision, m *memory, out outcome) (*appsv1.ReplicaSetStatus, time.Duration) {
	if out.failure != nil {
		claimed := claim(o)
		status := statusOf(o, claimed.own, claimed.census(o))
		status.Conditions = withFailure(status.Conditions, *out.failure, o.now)
		if sameStatus(o.replicaSet.Status, status) {
			return nil, 0
		}
		m.hold = o.hold.Written(false, o.now)
		return &status, 0
	}
	m.hold = d.hold
	return d.status, d.lookAgain
}

// release takes our controllerRef from pods that match no more. One that is gone or not ours any more needs nothing.
func (e *Engine) release(ctx context.Context, o observation, pods []*corev1.Pod, m *memory) error {
	for _, pod := range pods {
		patch, err := ownership.ReleasePatch(o.replicaSet.UID, pod.UID)
		if err != nil {
			return fmt.Errorf("make patch to release pod %s/%s: %w", pod.Namespace, pod.Name, err)
		}
		released, err := e.api.patchPod(ctx, pod, patch)
		if apierrors.IsNotFound(err) || apierrors.IsInvalid(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("release pod %s/%s from replicaset %s: %w", pod.Namespace, pod.Name, o.replicaSet.Name, err)
		}
		m.pods.Wrote(released, o.now)
	}
	return nil
}
