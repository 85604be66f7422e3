package controllertest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

// Descriptor stands for that of the controller to be tested.
func Descriptor() controllers.Descriptor {
	return controllers.Descriptor{
		Name:  "namespaces",
		Doc:   "announces the default namespace",
		Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"get"}}},
		New:   New,
	}
}

// New stands for that of the controller to be tested.
func New(env controllers.Env) (controllers.Controller, error) {
	return announcer{env}, nil
}

type announcer struct{ env controllers.Env }

func (a announcer) Run(ctx context.Context) error {
	namespace, err := a.env.Client.CoreV1().Namespaces().Get(ctx, "default", metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("get namespace default: %w", err)
	}
	a.env.Events.Event(namespace, corev1.EventTypeNormal, "Seen", "it is there")
	<-ctx.Done()
	return nil
}

func namespace() *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
}

func ExampleRun() {
	test := func(t *testing.T) { // func TestContract(t *testing.T) {
		controllertest.Run(t, Descriptor, namespace())
	}
	_ = test
}

func ExampleEnv() {
	test := func(t *testing.T) { // func TestAnnouncesNamespace(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			env := controllertest.Env(t, namespace())
			controller, err := New(env.Env)
			if err != nil {
				t.Fatal(err)
			}
			env.Run(t, controller)
			synctest.Wait()
			if event := <-env.Recorder.Events; event != "Normal Seen it is there" {
				t.Errorf("event %q", event)
			}
		})
	}
	_ = test
}

func TestExampleKeepsTheContract(t *testing.T) {
	controllertest.Run(t, Descriptor, namespace())
}
