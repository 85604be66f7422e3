package crasher

import (
	"context"
	"testing"
	"testing/synctest"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
}

func TestContract(t *testing.T) {
	controllertest.Run(t, Descriptor, configMap("harmless"))
}

func TestPanicsWhenTheConfigMapComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := controllertest.Env(t)
		c, err := New(env.Env, "crash")
		if err != nil {
			t.Fatal(err)
		}
		panics := make(chan any, 1)
		env.Run(t, recovering{c.Run, panics})
		for _, name := range []string{"harmless", "crash"} {
			if _, err := env.API.CoreV1().ConfigMaps("default").Create(t.Context(), configMap(name), metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if value := <-panics; value != "configmap default/crash exists" {
			t.Errorf("panic %v", value)
		}
	})
}

// recovering runs a controller and sends what it panics with.
type recovering struct {
	run    func(context.Context) error
	panics chan<- any
}

func (r recovering) Run(ctx context.Context) error {
	defer func() { r.panics <- recover() }()
	return r.run(ctx)
}
