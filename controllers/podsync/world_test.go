package podsync

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// world is a podsync in a cluster of its own. All of it lives in a synctest bubble, where time stands still until nobody has
// anything to do.
type world struct {
	t          *testing.T
	client     *fake.Clientset
	informers  informers.SharedInformerFactory
	registry   *prometheus.Registry
	logs       *observer.ObservedLogs
	controller controllers.Controller
}

// newWorld builds a podsync whose informers are in step with a cluster of those pods.
func newWorld(t *testing.T, options Options, pods ...runtime.Object) *world {
	t.Helper()
	core, logs := observer.New(zapcore.DebugLevel)
	w := &world{t: t, client: fake.NewClientset(pods...), registry: prometheus.NewPedanticRegistry(), logs: logs}
	w.informers = informers.NewSharedInformerFactory(w.client, 0)
	var err error
	w.controller, err = New(controllers.Env{Client: w.client, Informers: w.informers, Log: zap.New(core), Metrics: w.registry}, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		w.informers.Shutdown()
	})
	w.informers.Start(ctx.Done())
	w.informers.WaitForCacheSync(ctx.Done())
	synctest.Wait()
	return w
}

// term begins a term, waits until all that was to do is done, and returns what ends the term.
func (w *world) term() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.controller.Run(ctx) }()
	synctest.Wait()
	return func() {
		w.t.Helper()
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("Run: %v", err)
		}
	}
}

func (w *world) create(pods ...*corev1.Pod) {
	w.t.Helper()
	for _, pod := range pods {
		if _, err := w.client.CoreV1().Pods(pod.Namespace).Create(context.Background(), pod, metav1.CreateOptions{}); err != nil {
			w.t.Fatal(err)
		}
		synctest.Wait()
	}
}

func (w *world) update(pods ...*corev1.Pod) {
	w.t.Helper()
	for _, pod := range pods {
		if _, err := w.client.CoreV1().Pods(pod.Namespace).Update(context.Background(), pod, metav1.UpdateOptions{}); err != nil {
			w.t.Fatal(err)
		}
		synctest.Wait()
	}
}

func (w *world) remove(pod *corev1.Pod) {
	w.t.Helper()
	if err := w.client.CoreV1().Pods(pod.Namespace).Delete(context.Background(), pod.Name, metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

// logged returns what has been logged since it was last called.
func (w *world) logged() []string {
	var got []string
	for _, entry := range w.logs.TakeAll() {
		got = append(got, line{entry.Level, entry.Message, entry.Context}.text())
	}
	return got
}

// metrics returns podsync's own metrics that are not 0, histograms by their count.
func (w *world) metrics() map[string]float64 {
	all := w.allMetrics()
	for name, value := range all {
		if value == 0 {
			delete(all, name)
		}
	}
	return all
}

func (w *world) allMetrics() map[string]float64 {
	w.t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Error(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		name, ours := strings.CutPrefix(family.GetName(), "wheelhouse_podsync_")
		for _, m := range family.GetMetric() {
			id := name
			for _, label := range m.GetLabel() {
				id += fmt.Sprintf("{%s}", label.GetValue())
			}
			if ours {
				values[id] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return values
}
