package controllertest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
)

// watch runs the controller for a term in which pods fail, are deleted and come again, and returns all that was seen of it: its
// writes, events, log and metrics.
func (c candidate) watch(t *testing.T) (facts map[string]bool, err error) {
	inBubble(t, func() {
		r := &report{}
		tr, ok := c.build(r)
		if !ok {
			err = errors.New(r.breaches[0])
			return
		}
		tr.start(r)
		defer tr.end()
		facts, err = tr.watch()
	})
	return facts, err
}

func (tr *trial) watch() (map[string]bool, error) {
	term, end := context.WithCancel(context.Background())
	defer end()
	tr.calls, tr.tooMany = 0, end
	returned := tr.run(term)
	for _, happens := range []func() error{nil, tr.failPods, tr.recreate} {
		if happens != nil {
			if err := happens(); err != nil {
				return nil, err
			}
		}
		time.Sleep(termTime)
		synctest.Wait()
		tr.witness.metrics()
	}
	end()
	if o, ok := await(returned, lossTime); ok && o.err != nil {
		tr.witness.see("Run returned: %v", o.err)
	}
	synctest.Wait()
	if tr.calls > maxCalls {
		return nil, errors.New("the controller does not come to rest, so that what it does can't be compared")
	}
	return tr.witness.facts(), nil
}

// failPods makes all pods fail that the trial began with and that are still there.
func (tr *trial) failPods() error {
	for _, object := range tr.candidate.objects {
		if err := eachPod(object, tr.failPod); err != nil {
			return err
		}
	}
	return nil
}

func (tr *trial) failPod(pod *corev1.Pod) error {
	pods := corev1.SchemeGroupVersion.WithResource("pods")
	stored, err := tr.server.Get(pods, pod.Namespace, pod.Name)
	if err != nil {
		return nil //nolint:nilerr // the controller has deleted it
	}
	failed := stored.(*corev1.Pod).DeepCopy()
	failed.Status.Phase = corev1.PodFailed
	return tr.server.Update(pods, failed, pod.Namespace)
}

// eachPod calls do for the object if it is a pod, or for the items of the list that are.
func eachPod(object runtime.Object, do func(*corev1.Pod) error) error {
	if meta.IsListType(object) {
		return meta.EachListItem(object, func(item runtime.Object) error { return eachPod(item, do) })
	}
	if pod, ok := object.(*corev1.Pod); ok {
		return do(pod)
	}
	return nil
}
