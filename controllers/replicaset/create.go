package replicaset

import (
	"context"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/apifault"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

const (
	// turn is how long a reconcile goes on beginning requests while others may wait for its worker. Its first request may
	// take longer; what is left is done in the next turn.
	turn = 250 * time.Millisecond
	// maxParallel bounds the requests that one reconcile has on the way at once. At the usual latency of some 10 ms that is
	// thousands a second, far more than any limiter lets pass.
	maxParallel = 32
	// finalWait is when to look again at a ReplicaSet in a namespace that is being deleted. It will be gone long before.
	finalWait = 5 * time.Minute
)

// creation is what became of one name.
type creation struct {
	name string
	pod  *corev1.Pod // made, or found to have been made by us
	err  error
	// begun is false if the turn ended before the request was sent.
	begun bool
}

// create makes n pods in batches, as large as slow start allows. A batch in which one fails is the last.
func (e *Engine) create(ctx context.Context, o observation, n int64, m *memory) outcome {
	end := e.now().Add(turn)
	m.start = m.start.resumed(e.now().Sub(m.lastCreate))
	var made []*corev1.Pod
	for n > 0 {
		size := min(n, int64(m.start.next()))
		batch := e.createBatch(ctx, o, m.takeNames(e.term.nonce, o, int(size)), end, len(made) == 0)
		n -= int64(len(batch))
		pods, cut, err := m.record(batch, e.now())
		made = append(made, pods...)
		if err != nil {
			m.start = 0
			return e.createFailed(ctx, o, made, err, m)
		}
		m.start = m.start.after(len(pods))
		if cut || !e.now().Before(end) {
			break
		}
	}
	if n == 0 {
		m.start = 0
	}
	e.created(o, made, m)
	return outcome{again: againIf(n > 0 || len(made) == 0)}
}

func againIf(more bool) time.Duration {
	if more {
		return soon
	}
	return 0
}

// createBatch asks for pods of these names. Of the first batch of a turn at least one request is sent; once one has failed, no more are.
func (e *Engine) createBatch(ctx context.Context, o observation, names []string, end time.Time, first bool) []creation {
	turn, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	batch := make([]creation, len(names))
	e.spread(len(names), func(i int) {
		waiting := turn
		if first && i == 0 {
			waiting = ctx
		}
		batch[i] = creation{name: names[i]}
		if e.pass(waiting, o.replicaSet.Namespace) == nil {
			batch[i].begun = true
			batch[i].pod, batch[i].err = e.createOne(ctx, o.replicaSet, names[i])
		}
		if batch[i].err != nil {
			cancel()
		}
	})
	return batch
}

// createOne makes the pod of this name, or finds it made: a request whose reply was lost, which the client may have sent again
// by itself, meets the pod that it made.
func (e *Engine) createOne(ctx context.Context, rs *appsv1.ReplicaSet, name string) (*corev1.Pod, error) {
	pod, err := e.api.createPod(ctx, podOf(rs, name))
	if !apierrors.IsAlreadyExists(err) {
		return pod, err
	}
	pod, err = e.api.pod(ctx, rs.Namespace, name)
	if apierrors.IsNotFound(err) || err == nil && !metav1.IsControlledBy(pod, rs) {
		return nil, nil // gone again, or another's: the next turn takes another name
	}
	return pod, err
}

// takeNames returns n names to ask for: first those that were kept, then new ones.
func (m *memory) takeNames(nonce uint64, o observation, n int) []string {
	taken := make([]string, 0, n)
	kept := min(n, len(m.kept))
	taken = append(taken, m.kept[:kept]...)
	m.kept = slices.Clone(m.kept[kept:])
	for len(taken) < n {
		name := podName(o.replicaSet, nonce, m.ordinal)
		m.ordinal++
		if !slices.ContainsFunc(o.pods, func(p *corev1.Pod) bool { return p.Name == name }) {
			taken = append(taken, name)
		}
	}
	return taken
}

// record remembers the pods that were made, and the names of those that were not, or may have been. It returns whether the turn
// ended before all requests were sent, and the first error.
func (m *memory) record(batch []creation, now time.Time) (made []*corev1.Pod, cut bool, err error) {
	for _, c := range batch {
		switch {
		case !c.begun:
			m.kept, cut = append(m.kept, c.name), true
		case c.err != nil:
			// Also after a clear refusal: an earlier request for this name may still be on the way.
			m.kept = append(m.kept, c.name)
			if err == nil {
				err = c.err
			}
		case c.pod != nil:
			m.pods.Wrote(c.pod, now)
			m.newborns.add(c.pod, now)
			m.lastCreate = now
			made = append(made, c.pod)
		}
	}
	return made, cut, err
}

// created tells of the pods that were made, and lets others try who were refused as this ReplicaSet was.
func (e *Engine) created(o observation, made []*corev1.Pod, m *memory) {
	if len(made) == 0 {
		return
	}
	e.say(o.replicaSet, corev1.EventTypeNormal, successfulCreate, podsMessage("Created", made))
	m.succeeded = true
	m.told.Over()
	e.allowed(keyOf(o.replicaSet), o.now)
}

// allowed ends the waiting of a ReplicaSet whose pods were refused, and wakes others that were refused as it was.
func (e *Engine) allowed(key worker.Key, now time.Time) {
	for _, other := range e.term.denials.Allowed(key, now) {
		e.wake(other)
	}
}

// createFailed tells of the failure and sees to it that creation is tried again, at a rate that suits how many are refused. That
// it was refused is no error of the reconcile: it is told in an event and in the status.
func (e *Engine) createFailed(ctx context.Context, o observation, made []*corev1.Pod, err error, m *memory) outcome {
	e.created(o, made, m)
	if apifault.IsEnd(ctx, err) {
		return outcome{err: ctx.Err()}
	}
	m.succeeded = false
	key := keyOf(o.replicaSet)
	if apifault.IsNamespaceTerminating(err) {
		m.final = e.now().Add(finalWait)
		return outcome{again: finalWait}
	}
	class := apifault.Class(err)
	e.term.denials.Refused(key, class, e.now())
	e.sayFailure(o, m, failedCreate, class, fmt.Sprintf("Error creating: %v", err))
	return outcome{
		failure: &failure{reason: failedCreate, message: err.Error()},
		again:   max(soon, e.term.denials.Due(key).Sub(e.now())),
	}
}
