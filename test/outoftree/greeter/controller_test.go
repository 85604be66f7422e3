package greeter

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

func TestContract(t *testing.T) {
	controllertest.Run(t, Descriptor, labelled("a"), annotated("b", "Hello, gone!"))
}

func TestGreetsAndUngreets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := start(t, DefaultOptions(), labelled("a"))
		configMaps := env.API.CoreV1().ConfigMaps("default")
		if diff := cmp.Diff("Hello, world!", greetingOf(t, env, "a")); diff != "" {
			t.Errorf("greeting (-want +got)\n%s", diff)
		}
		cm, err := configMaps.Get(t.Context(), "a", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		cm.Labels = nil
		if _, err := configMaps.Update(t.Context(), cm, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if diff := cmp.Diff("", greetingOf(t, env, "a")); diff != "" {
			t.Errorf("greeting without the label (-want +got)\n%s", diff)
		}
		close(env.Recorder.Events)
		var events []string
		for event := range env.Recorder.Events {
			events = append(events, event)
		}
		want := []string{"Normal Greeted Hello, world!", "Normal Ungreeted Took the greeting away."}
		// A cache that is behind lets it write, and tell, the same once more.
		if diff := cmp.Diff(want, slices.Compact(events)); diff != "" {
			t.Errorf("events (-want +got)\n%s", diff)
		}
	})
}

func TestPanicConcernsOneConfigMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := DefaultOptions()
		options.PanicOn = "bad"
		env := start(t, options, labelled("bad"), labelled("good"))
		if diff := cmp.Diff("Hello, world!", greetingOf(t, env, "good")); diff != "" {
			t.Errorf("greeting of another (-want +got)\n%s", diff)
		}
		if env.Logs.FilterMessage("reconcile failed").Len() == 0 {
			t.Error("the panic is not in the log")
		}
	})
}

func TestBadFlagsAreRefused(t *testing.T) {
	for _, options := range []*Options{{Greeting: "", ConcurrentSyncs: 1}, {Greeting: "Hi", ConcurrentSyncs: 0}} {
		_, err := New(controllertest.Env(t).Env, options)
		var flagErr *controllers.FlagError
		if !errors.As(err, &flagErr) {
			t.Errorf("New with %+v returned %v, want a *FlagError", options, err)
		}
	}
}

// start runs a controller until the test ends, and waits until it has come to rest.
func start(t *testing.T, options *Options, configMaps ...*corev1.ConfigMap) *controllertest.Fakes {
	t.Helper()
	env := controllertest.Env(t)
	for _, cm := range configMaps {
		if _, err := env.API.CoreV1().ConfigMaps(cm.Namespace).Create(t.Context(), cm, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := New(env.Env, options)
	if err != nil {
		t.Fatal(err)
	}
	env.Run(t, c)
	synctest.Wait()
	return env
}

func greetingOf(t *testing.T, env *controllertest.Fakes, name string) string {
	t.Helper()
	cm, err := env.API.CoreV1().ConfigMaps("default").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return cm.Annotations[Annotation]
}
