package podsync

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

func TestDescriptor(t *testing.T) {
	if err := controllers.Validate([]controllers.Descriptor{Descriptor()}); err != nil {
		t.Error(err)
	}
}

func TestNewReadsTheFlags(t *testing.T) {
	d := Descriptor()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	d.AddFlags(flags)
	if err := flags.Parse([]string{"--podsync-selector=!!"}); err != nil {
		t.Fatal(err)
	}
	_, err := d.New(controllers.Env{})
	var flagErr *controllers.FlagError
	if !errors.As(err, &flagErr) {
		t.Errorf("New with a malformed selector: error %v, want a FlagError", err)
	}
}

func TestNewRefusesMetricsThatAreTaken(t *testing.T) {
	env := controllers.Env{
		Informers: informers.NewSharedInformerFactory(fake.NewClientset(), 0), Log: zap.NewNop(), Metrics: prometheus.NewRegistry(),
	}
	if _, err := New(env, DefaultOptions()); err != nil {
		t.Fatal(err)
	}
	_, err := New(env, DefaultOptions())
	var taken prometheus.AlreadyRegisteredError
	if !errors.As(err, &taken) {
		t.Errorf("a second New on the same registry: error %v, want one that says that the metrics are registered already", err)
	}
}

// A pod's life as an operator reads it in the log.
func TestLifeOfAPod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultOptions())
		defer w.term()()

		w.create(newPod())
		w.update(
			newPod(onNode(11)),
			newPod(onNode(11), running(12)),
			newPod(onNode(11), running(12), isReady(15)),
			newPod(onNode(11), running(12), isReady(15), deleted(60)),
		)
		w.remove(newPod())

		want := []string{
			"info observing pods pods=0",
			"info pod created key=shop/web phase=Pending ready=0/1 restarts=0 node=",
			"info pod changed key=shop/web phase=Pending ready=0/1 restarts=0 node=node-1 changes=[scheduled]",
			"info pod changed key=shop/web phase=Running ready=0/1 restarts=0 node=node-1 changes=[phase Pending→Running]",
			"info pod changed key=shop/web phase=Running ready=1/1 restarts=0 node=node-1 changes=[ready 0/1→1/1 became ready]",
			"info pod changed key=shop/web phase=Running ready=1/1 restarts=0 node=node-1 changes=[deletion requested]",
			"info pod does not exist anymore key=shop/web",
		}
		if diff := cmp.Diff(want, w.logged()); diff != "" {
			t.Errorf("log (-want +got)\n%s", diff)
		}
		wantMetrics := map[string]float64{"time_to_scheduled_seconds": 1, "time_to_started_seconds": 1, "time_to_ready_seconds": 1}
		if diff := cmp.Diff(wantMetrics, w.metrics()); diff != "" {
			t.Errorf("metrics that are not 0 (-want +got)\n%s", diff)
		}
	})
}

func TestGaugesHaveAllTheirLabelsFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		want := map[string]float64{
			"container_restarts_total":  0,
			"time_to_scheduled_seconds": 0, "time_to_started_seconds": 0, "time_to_ready_seconds": 0,
			"pods{Pending}": 0, "pods{Running}": 0, "pods{Succeeded}": 0, "pods{Failed}": 0, "pods{Unknown}": 0,
			"stuck_pods{CrashLoopBackOff}": 0, "stuck_pods{ImagePullBackOff}": 0, "stuck_pods{ErrImagePull}": 0,
			"stuck_pods{InvalidImageName}": 0, "stuck_pods{CreateContainerConfigError}": 0, "stuck_pods{CreateContainerError}": 0,
			"stuck_pods{RunContainerError}": 0, "stuck_pods{Unschedulable}": 0, "stuck_pods{Terminating}": 0, "stuck_pods{Other}": 0,
		}
		if diff := cmp.Diff(want, newWorld(t, DefaultOptions()).allMetrics()); diff != "" {
			t.Errorf("metrics (-want +got)\n%s", diff)
		}
	})
}

func TestEveryPodIsCountedInOnePhase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultOptions(),
			newPod(named("a"), phase("")), newPod(named("b"), phase(corev1.PodPending)), newPod(named("c"), phase(corev1.PodRunning)),
			newPod(named("d"), phase(corev1.PodSucceeded)), newPod(named("e"), phase(corev1.PodFailed)),
			newPod(named("f"), phase(corev1.PodUnknown)), newPod(named("g"), phase("Hibernating")),
		)
		defer w.term()()
		w.update(newPod(named("b"), phase(corev1.PodRunning)))
		want := map[string]float64{"pods{Pending}": 1, "pods{Running}": 2, "pods{Succeeded}": 1, "pods{Failed}": 1, "pods{Unknown}": 2}
		if diff := cmp.Diff(want, w.metrics()); diff != "" {
			t.Errorf("metrics that are not 0 (-want +got)\n%s", diff)
		}
	})
}

func TestDeletionThatTakesTooLongIsNoticedByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultOptions(), newPod(created(-100), running(-90), deleted(30)))
		defer w.term()()
		w.logged()

		time.Sleep(time.Until(at(90).Add(-time.Nanosecond)))
		synctest.Wait()
		if got := w.metrics()["stuck_pods{Terminating}"]; got != 0 {
			t.Errorf("%v pods count as terminating a moment before they should", got)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got := w.metrics()["stuck_pods{Terminating}"]; got != 1 {
			t.Errorf("%v pods count as terminating when they should, want 1", got)
		}
		want := []string{"info pod changed key=shop/web phase=Running ready=0/1 restarts=0 node= reason=Terminating changes=[reason none→Terminating]"}
		if diff := cmp.Diff(want, w.logged()); diff != "" {
			t.Errorf("log (-want +got)\n%s", diff)
		}
	})
}

func TestOnlySelectedPodsAreObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := func(options ...option) *corev1.Pod { return newPod(append(options, created(-1), labelled("web"))...) }
		w := newWorld(t, Options{Namespace: "shop", Selector: "tier=web", ConcurrentSyncs: 2},
			web(), newPod(named("db")), web(named("elsewhere"), inNamespace("bank")))
		defer w.term()()
		w.update(newPod(named("db"), running(12)), web(named("elsewhere"), inNamespace("bank"), running(12)))
		want := []string{
			"info observing pods pods=1",
			"debug pod observed key=shop/web phase=Pending ready=0/1 restarts=0 node=",
		}
		if diff := cmp.Diff(want, w.logged()); diff != "" {
			t.Errorf("log at the start (-want +got)\n%s", diff)
		}

		w.update(newPod(created(-1), labelled("db")))
		if diff := cmp.Diff(map[string]float64{}, w.metrics()); diff != "" {
			t.Errorf("metrics that are not 0 when no pod is selected (-want +got)\n%s", diff)
		}
		w.update(web(running(12)))
		if got := w.metrics()["pods{Running}"]; got != 1 {
			t.Errorf("%v pods when the pod is selected again, want 1", got)
		}
		w.update(newPod(created(-1), labelled("db")))
		w.remove(newPod())
		w.remove(newPod(named("db")))
		want = []string{
			"debug pod is no longer selected key=shop/web",
			"debug pod observed key=shop/web phase=Running ready=0/1 restarts=0 node=",
			"debug pod is no longer selected key=shop/web",
		}
		if diff := cmp.Diff(want, w.logged()); diff != "" {
			t.Errorf("log of leaving and coming back (-want +got)\n%s", diff)
		}
		if n := len(w.controller.(*controller).book.observations); n != 0 {
			t.Errorf("%d pods are remembered that don't exist", n)
		}
	})
}
