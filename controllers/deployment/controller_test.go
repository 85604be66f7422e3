package deployment

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/stage"
)

// process is a controller with everything that a host gives it.
type process struct {
	*stage.Process
	t *testing.T
}

// start runs a controller against a fake API server that holds the objects. It must be called in a synctest bubble.
func start(t *testing.T, objects ...runtime.Object) *process {
	t.Helper()
	p := prepare(t, objects...)
	p.Run()
	return p
}

// prepare makes a controller that doesn't run yet. The fake API server gives ReplicaSets what a real one gives them, and holds the pods
// that their statuses tell of.
func prepare(t *testing.T, objects ...runtime.Object) *process {
	t.Helper()
	for _, object := range objects {
		if set, ok := object.(*appsv1.ReplicaSet); ok {
			for _, pod := range podsOf(set) {
				objects = append(objects, pod)
			}
		}
	}
	build := func(env controllers.Env) (controllers.Controller, error) { return New(env, DefaultOptions()) }
	p := &process{stage.New(t, build, objects...), t}
	p.React("create", "replicasets", func(action clienttesting.Action) (bool, runtime.Object, error) {
		set := action.(clienttesting.CreateAction).GetObject().(*appsv1.ReplicaSet)
		set.UID, set.Generation, set.CreationTimestamp = types.UID("uid-of-"+set.Name), 1, metav1.Now()
		return false, nil, nil
	})
	p.React("patch", "replicasets", p.patchSet)
	return p
}

// patchSet gives the ReplicaSet another version, by which the controller knows whether its cache shows the patch.
func (p *process) patchSet(action clienttesting.Action) (bool, runtime.Object, error) {
	tracker := p.Client.Tracker()
	handled, object, err := clienttesting.ObjectReaction(tracker)(action)
	if err != nil {
		return handled, nil, err
	}
	set := object.(*appsv1.ReplicaSet).DeepCopy()
	set.ResourceVersion += "0" // ten times as new
	return true, set, tracker.Update(action.GetResource(), set, set.Namespace)
}

func (p *process) deployment() *appsv1.Deployment {
	p.t.Helper()
	d, err := p.Client.AppsV1().Deployments("default").Get(p.t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

// edit changes the Deployment as users do.
func (p *process) edit(changes ...func(*appsv1.Deployment)) {
	p.t.Helper()
	d := p.deployment()
	for _, change := range changes {
		change(d)
	}
	d.Generation++
	if _, err := p.Client.AppsV1().Deployments("default").Update(p.t.Context(), d, metav1.UpdateOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) sets() map[string]appsv1.ReplicaSet {
	p.t.Helper()
	list, err := p.Client.AppsV1().ReplicaSets("default").List(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	sets := map[string]appsv1.ReplicaSet{}
	for _, set := range list.Items {
		sets[set.Name] = set
	}
	return sets
}

// sizes tells the replicas of each ReplicaSet.
func (p *process) sizes() map[string]int32 {
	sizes := map[string]int32{}
	for name, set := range p.sets() {
		sizes[name] = *set.Spec.Replicas
	}
	return sizes
}

// obey lets every ReplicaSet have the pods that it asks for, all available, and say so.
func (p *process) obey() {
	p.t.Helper()
	for _, set := range p.sets() {
		p.obeyWithPods(&set)
		has(*set.Spec.Replicas)(&set)
		set.Status.ObservedGeneration, set.Status.TerminatingReplicas = set.Generation, ptr[int32](0)
		if _, err := p.Client.AppsV1().ReplicaSets("default").UpdateStatus(p.t.Context(), &set, metav1.UpdateOptions{}); err != nil {
			p.t.Fatal(err)
		}
	}
}

// obeyWithPods makes the pods that the ReplicaSet asks for, or deletes those that it doesn't.
func (p *process) obeyWithPods(set *appsv1.ReplicaSet) {
	p.t.Helper()
	for i := range 10 {
		pod := readyPod(set, i)
		var err error
		if i < int(*set.Spec.Replicas) {
			_, err = p.Client.CoreV1().Pods("default").Create(p.t.Context(), pod, metav1.CreateOptions{})
		} else {
			err = p.Client.CoreV1().Pods("default").Delete(p.t.Context(), pod.Name, metav1.DeleteOptions{})
		}
		if err != nil && !apierrors.IsAlreadyExists(err) && !apierrors.IsNotFound(err) {
			p.t.Fatal(err)
		}
	}
}

// newName returns the name of the ReplicaSet that newDeployment gets, after so many collisions.
func newName(collisions ...int32) string {
	var count *int32
	if len(collisions) > 0 {
		count = &collisions[0]
	}
	return setName("web", templateHash(ptr(templateOf("new")), count))
}

func (p *process) progressing() string {
	c := condition(p.deployment().Status.Conditions, appsv1.DeploymentProgressing)
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%s %s", c.Status, c.Reason)
}

var errQuota = errors.New("exceeded quota: small")

func forbidden(causes ...metav1.StatusCause) error {
	err := apierrors.NewForbidden(schema.GroupResource{Resource: "replicasets"}, "web-x", errQuota)
	err.ErrStatus.Details.Causes = causes
	return err
}

func terminating() error {
	return forbidden(metav1.StatusCause{Type: corev1.NamespaceTerminatingCause})
}

func TestRollsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newDeployment(3, deadlineOf(60)), newSet("old", time.Hour, 3, 3))
		defer p.End()
		for range 10 {
			p.Settle(2 * time.Second)
			p.obey()
		}
		if diff := cmp.Diff(map[string]int32{"web-old": 0, newName(): 3}, p.sizes()); diff != "" {
			t.Errorf("replicas in the end (-want +got):\n%s", diff)
		}
		d := p.deployment()
		got := []any{d.Status.AvailableReplicas, d.Status.UpdatedReplicas, d.Annotations[revisionAnnotation], p.progressing()}
		if diff := cmp.Diff([]any{int32(3), int32(3), "2", "True NewReplicaSetAvailable"}, got); diff != "" {
			t.Errorf("available, updated, revision, progress (-want +got):\n%s", diff)
		}
	})
}

func TestRecreateIsWokenByTheEndOfPods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := newSet("old", time.Hour, 0, 3)
		pod := newPod(set)
		p := start(t, newDeployment(3, recreate), set, pod)
		defer p.End()
		p.Settle(time.Minute)
		before := len(p.sets())
		if err := p.Client.CoreV1().Pods("default").Delete(t.Context(), pod.Name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		p.Settle(time.Second)
		if diff := cmp.Diff([]int{1, 2}, []int{before, len(p.sets())}); diff != "" {
			t.Errorf("replicasets while the old pod is there, and afterwards (-want +got):\n%s", diff)
		}
	})
}

func TestNothingIsWrittenThatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newDeployment(3, deadlineOf(60)))
		defer p.End()
		for range 3 {
			p.Settle(2 * time.Second)
			p.obey()
		}
		p.Settle(2 * time.Second)
		p.Client.ClearActions()
		p.Settle(time.Hour)
		if calls := p.Writes(); len(calls) > 0 {
			t.Errorf("unneeded calls: %q", calls)
		}
	})
}

func TestTermsBeginAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newDeployment(3), newSet("new", time.Hour, 3, 3))
		p.Settle(2 * time.Second)
		p.Stop()
		p.edit(func(d *appsv1.Deployment) { d.Spec.Replicas = ptr[int32](5) })
		p.Settle(time.Minute)
		between := p.sizes()["web-new"]
		p.Run()
		defer p.End()
		p.Settle(2 * time.Second)
		if diff := cmp.Diff([]int32{3, 5}, []int32{between, p.sizes()["web-new"]}); diff != "" {
			t.Errorf("replicas between the terms and in the second (-want +got):\n%s", diff)
		}
	})
}
