package replicaset

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/record"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// process is a controller with everything that a host gives it.
type process struct {
	t          *testing.T
	client     *fake.Clientset
	factory    informers.SharedInformerFactory
	recorder   *record.FakeRecorder
	logs       *observer.ObservedLogs
	controller controllers.Controller
	live       context.Context
	die, stop  func() // end the process, and the term
}

// start runs a controller against a fake API server that holds the objects. It must be called in a synctest bubble.
func start(t *testing.T, objects ...runtime.Object) *process {
	t.Helper()
	p := prepare(t, objects...)
	p.run()
	return p
}

// prepare makes a controller that doesn't run yet.
func prepare(t *testing.T, objects ...runtime.Object) *process {
	t.Helper()
	p := &process{t: t, client: fake.NewClientset(objects...), recorder: record.NewFakeRecorder(1000)}
	p.factory = informers.NewSharedInformerFactory(p.client, 0)
	core, logs := observer.New(zapcore.WarnLevel)
	p.logs = logs
	p.live, p.die = context.WithCancel(t.Context())
	var err error
	p.controller, err = New(controllers.Env{
		Client: p.client, Informers: p.factory, Events: p.recorder,
		Log: zap.New(core), Metrics: prometheus.NewRegistry(),
	}, DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// run begins a term.
func (p *process) run() {
	p.factory.Start(p.live.Done())
	p.factory.WaitForCacheSync(p.live.Done())
	term, stop := context.WithCancel(p.live)
	done := make(chan error)
	go func() { done <- p.controller.Run(term) }()
	p.stop = func() {
		stop()
		if err := <-done; err != nil {
			p.t.Errorf("Run returned %v", err)
		}
	}
}

// end ends the term and the process.
func (p *process) end() {
	p.stop()
	p.die()
	p.factory.Shutdown()
}

// settle lets the controller work for a while.
func (p *process) settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (p *process) pods() []corev1.Pod {
	p.t.Helper()
	list, err := p.client.CoreV1().Pods("default").List(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	return list.Items
}

func (p *process) replicaSet() *appsv1.ReplicaSet {
	p.t.Helper()
	rs, err := p.client.AppsV1().ReplicaSets("default").Get(p.t.Context(), "web", metav1.GetOptions{})
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
	if _, err := p.client.AppsV1().ReplicaSets("default").Update(p.t.Context(), rs, metav1.UpdateOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

// podCalls returns how often the controller made a call on pods.
func (p *process) podCalls(verb string) int {
	n := 0
	for _, action := range p.client.Actions() {
		if action.Matches(verb, "pods") {
			n++
		}
	}
	return n
}

func (p *process) events() (events []string) {
	for {
		select {
		case e := <-p.recorder.Events:
			events = append(events, e)
		default:
			return events
		}
	}
}

func TestScalesUpAndDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newReplicaSet(3))
		defer p.end()
		for _, replicas := range []int32{3, 50, 1, 0} {
			p.scale(replicas)
			p.settle(5 * time.Second)
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

func (p *process) react(verb, resource string, do func(clienttesting.Action) (bool, runtime.Object, error)) {
	p.client.PrependReactor(verb, resource, do)
}
