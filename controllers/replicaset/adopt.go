package replicaset

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// adopt makes the pods ours, after the API server has confirmed that the ReplicaSet is still there. If not all of them could be
// adopted, what was planned doesn't hold, and it returns after how long to plan anew.
func (e *Engine) adopt(ctx context.Context, o observation, pods []*corev1.Pod, m *memory) (again time.Duration, err error) {
	if len(pods) == 0 {
		return 0, nil
	}
	rs := o.replicaSet
	live, err := e.api.replicaSet(ctx, rs.Namespace, rs.Name)
	if apierrors.IsNotFound(err) || err == nil && (live.UID != rs.UID || live.DeletionTimestamp != nil) {
		return unseenPoll, nil // the cache will show it
	}
	if err != nil {
		return 0, fmt.Errorf("read replicaset %s before adopting pods: %w", keyOf(rs), err)
	}
	for _, pod := range pods {
		adopted, err := e.adoptOne(ctx, o, pod, m)
		if err != nil {
			return 0, err
		}
		if !adopted {
			again = soon
		}
	}
	return again, nil
}

// adoptOne returns false if the pod doesn't count as one of ours after all: it is gone or about to go, its labels have changed,
// or somebody else was faster.
func (e *Engine) adoptOne(ctx context.Context, o observation, pod *corev1.Pod, m *memory) (bool, error) {
	patch, err := ownership.AdoptPatch(controllerRef(o.replicaSet), pod.UID)
	if err != nil {
		return false, fmt.Errorf("make patch to adopt pod %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	adopted, err := e.api.patchPod(ctx, pod, patch)
	if apierrors.IsNotFound(err) || apierrors.IsInvalid(err) || apierrors.IsConflict(err) {
		m.refuse(pod)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("adopt pod %s/%s for replicaset %s: %w", pod.Namespace, pod.Name, o.replicaSet.Name, err)
	}
	m.pods.Wrote(adopted, o.now)
	return podfacts.IsActive(adopted) && o.selector.Matches(labels.Set(adopted.Labels)), nil
}

// refuse records that the pod can't be adopted as it is now.
func (m *memory) refuse(pod *corev1.Pod) {
	if m.refused == nil {
		m.refused = map[types.UID]string{}
	}
	m.refused[pod.UID] = pod.ResourceVersion
}

// adoptable returns the orphans without those that could not be adopted and have not changed since, and forgets about others.
func (m *memory) adoptable(orphans []*corev1.Pod) []*corev1.Pod {
	if len(m.refused) == 0 {
		return orphans
	}
	still := map[types.UID]string{}
	orphans = slices.DeleteFunc(orphans, func(pod *corev1.Pod) bool {
		version, refused := m.refused[pod.UID]
		if refused = refused && version == pod.ResourceVersion; refused {
			still[pod.UID] = version
		}
		return refused
	})
	m.refused = still
	return orphans
}
