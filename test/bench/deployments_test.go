package bench

import (
	"context"
	"fmt"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	// atOnce is how many things are asked for at once.
	atOnce = 8
	// perSpace is how many Deployments a namespace holds: it is the work that a program does, not one namespace, that grows.
	perSpace = 100
	// mark is the label of the Deployments that are waited for.
	mark = "bench"
)

func deployment(name string, replicas int) *appsv1.Deployment {
	n := int32(replicas)
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &n,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: cluster.Pod("").Spec},
		},
	}
}

// makeSpace makes the namespaces of so many Deployments.
func (w *world) makeSpace(t *testing.T, deployments int) {
	t.Helper()
	for len(w.spaces)*perSpace < deployments {
		w.spaces = append(w.spaces, cluster.Namespace(t, w.client))
	}
}

// create makes the Deployments with these numbers, of so many pods each.
func (w *world) create(t *testing.T, from, to, replicas int) {
	t.Helper()
	w.forEach(t, from, to, func(ns, name string) error {
		d := deployment(name, replicas)
		d.Labels = map[string]string{mark: "yes"}
		_, err := w.client.AppsV1().Deployments(ns).Create(t.Context(), d, metav1.CreateOptions{})
		return err
	})
}

// patch changes the first n Deployments.
func (w *world) patch(t *testing.T, n int, patch string) {
	t.Helper()
	w.forEach(t, 0, n, func(ns, name string) error {
		_, err := w.client.AppsV1().Deployments(ns).Patch(t.Context(), name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
		return err
	})
}

func (w *world) roll(t *testing.T, n int) {
	t.Helper()
	w.patch(t, n, `{"spec":{"template":{"metadata":{"annotations":{"rolled":"once"}}}}}`)
}

func (w *world) scale(t *testing.T, n, replicas int) {
	t.Helper()
	w.patch(t, n, fmt.Sprintf(`{"spec":{"replicas":%d}}`, replicas))
}

// forEach calls do with where the Deployments with these numbers are, some at once.
func (w *world) forEach(t *testing.T, from, to int, do func(ns, name string) error) {
	t.Helper()
	inParallel(t, to-from, func(i int) error { return do(w.spaces[(from+i)/perSpace], fmt.Sprintf("web-%05d", from+i)) })
}

// inParallel calls do with each number below n, some at once, and fails the test if one fails.
func inParallel(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	numbers := make(chan int)
	var doing sync.WaitGroup
	for range atOnce {
		doing.Go(func() {
			for i := range numbers {
				if err := do(i); err != nil {
					t.Errorf("ask for number %d: %v", i, err)
				}
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	doing.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// settle waits until so many Deployments are as they were asked to be. It watches: the API server's time is what is measured.
func (w *world) settle(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	marked := func(o *metav1.ListOptions) { o.LabelSelector = mark }
	all := cache.NewFilteredListWatchFromClient(w.client.AppsV1().RESTClient(), "deployments", metav1.NamespaceAll, marked)
	complete := map[types.UID]bool{}
	_, err := watchtools.UntilWithSync(ctx, all, &appsv1.Deployment{}, nil, func(e watch.Event) (bool, error) {
		d, ok := e.Object.(*appsv1.Deployment)
		if !ok {
			return false, fmt.Errorf("a watch of deployments tells of a %T", e.Object)
		}
		if isComplete(d) {
			complete[d.UID] = true
		} else {
			delete(complete, d.UID)
		}
		return len(complete) == n, nil
	})
	if err != nil {
		t.Fatalf("wait for %d deployments, of which %d are complete: %v", n, len(complete), err)
	}
}

// isComplete reports whether the Deployment's rollout is over, as `kubectl rollout status` means it.
func isComplete(d *appsv1.Deployment) bool {
	want, s := *d.Spec.Replicas, d.Status
	return s.ObservedGeneration >= d.Generation && s.Replicas == want && s.UpdatedReplicas == want && s.AvailableReplicas == want
}
