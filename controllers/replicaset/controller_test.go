package replicaset

import (
	"errors"
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

// prepare makes a controller that doesn't run yet.
func prepare(t *testing.T, objects ...runtime.Object) *process {
	t.Helper()
	build := func(env controllers.Env) (controllers.Controller, error) { return New(env, DefaultOptions()) }
	return &process{stage.New(t, build, objects...), t}
}

func (p *process) pods() []corev1.Pod {
	p.t.Helper()
	list, err := p.Client.CoreV1().Pods("default").List(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	return list.Items
}

func (p *process) replicaSet() *appsv1.ReplicaSet {
	p.t.Helper()
	rs, err := p.Client.AppsV1().ReplicaSets("default").Get(p.t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	return rs
}

func (p *process) scale(replicas int32) {
	p.t.Helper()
	rs := p.replicaSet()
	rs.Spec.Replicas = &replicas
	rs.Generation++
	if _, err := p.Client.AppsV1().ReplicaSets("default").Update(p.t.Context(), rs, metav1.UpdateOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

// podCalls returns how often the controller made a call on pods.
func (p *process) podCalls(verb string) int {
	return p.Calls(verb, "pods")
}

func TestScalesUpAndDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newReplicaSet(3))
		defer p.End()
		for _, replicas := range []int32{3, 50, 1, 0} {
			p.scale(replicas)
			p.Settle(5 * time.Second)
			if diff := cmp.Diff(int(replicas), len(p.pods())); diff != "" {
				t.Fatalf("pods for %d replicas (-want +got):\n%s", replicas, diff)
			}
			if diff := cmp.Diff(replicas, p.replicaSet().Status.Replicas); diff != "" {
				t.Errorf("replicas in the status (-want +got):\n%s", diff)
			}
		}
	})
}

var errQuota = errors.New("exceeded quota: small")

func forbidden(causes ...metav1.StatusCause) error {
	err := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "web-x", errQuota)
	err.ErrStatus.Details.Causes = causes
	return err
}
