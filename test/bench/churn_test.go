package bench

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	corev1 "k8s.io/api/core/v1"
)

// fell ends so many pods in all, at that rate a second or as fast as the cluster has new ones running: every other one fails, the rest are
// deleted. It returns which it has ended.
func (w *world) fell(t *testing.T, rate, total int) map[types.UID]bool {
	t.Helper()
	felled := map[types.UID]bool{}
	for tick := time.NewTicker(time.Second); ; <-tick.C {
		victims := spread(w.running(t, felled), min(rate, total-len(felled)))
		for _, pod := range victims {
			felled[pod.UID] = true
		}
		inParallel(t, len(victims), func(i int) error {
			if i%2 == 0 {
				return w.fail(t, victims[i])
			}
			return w.client.CoreV1().Pods(victims[i].Namespace).Delete(t.Context(), victims[i].Name, metav1.DeleteOptions{})
		})
		if len(felled) == total { // at once: the time until the last are replaced counts
			return felled
		}
	}
}

func (w *world) fail(t *testing.T, pod corev1.Pod) error {
	_, err := w.client.CoreV1().Pods(pod.Namespace).Patch(t.Context(), pod.Name, types.MergePatchType,
		[]byte(`{"status":{"phase":"Failed"}}`), metav1.PatchOptions{}, "status")
	return err
}

// awaitReplaced waits until so many pods run beside those that were felled. Statuses don't tell: that of a Deployment is complete still when
// its last pods have just been felled.
func (w *world) awaitReplaced(t *testing.T, felled map[types.UID]bool, pods int) {
	t.Helper()
	const look = 500 * time.Millisecond // each lists all pods
	n := 0
	if !await(look, func() bool {
		n = len(w.running(t, felled))
		return n == pods
	}) {
		t.Fatalf("wait for %d pods in the place of those that were felled: %d run after %v", pods, n, patience)
	}
}

// running returns the pods that run and were not felled.
func (w *world) running(t *testing.T, felled map[types.UID]bool) []corev1.Pod {
	t.Helper()
	var found []corev1.Pod
	for _, ns := range w.spaces {
		// The version 0 is answered from the API server's cache.
		pods, err := w.client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{FieldSelector: "status.phase=Running", ResourceVersion: "0"})
		if err != nil {
			t.Fatalf("list running pods: %v", err)
		}
		found = append(found, standing(pods.Items, felled)...)
	}
	return found
}

// standing returns those of the pods that were neither felled nor deleted by anybody.
func standing(pods []corev1.Pod, felled map[types.UID]bool) []corev1.Pod {
	return slices.DeleteFunc(pods, func(pod corev1.Pod) bool { return felled[pod.UID] || pod.DeletionTimestamp != nil })
}

// spread returns at most so many of the list, which are as far from each other as can be.
func spread(list []corev1.Pod, most int) []corev1.Pod {
	if len(list) <= most {
		return list
	}
	chosen := make([]corev1.Pod, 0, most)
	for i := range most {
		chosen = append(chosen, list[i*len(list)/most])
	}
	return chosen
}
