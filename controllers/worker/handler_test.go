package worker_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func pod(version string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "a", ResourceVersion: version}}
}

func labelled(p *corev1.Pod, owner string) *corev1.Pod {
	p.Labels = map[string]string{"owner": owner}
	return p
}

// byOwner names the key that the label says.
func byOwner(obj any) []worker.Key {
	return []worker.Key{key(obj.(*corev1.Pod).Labels["owner"])}
}

func TestHandlerAddsKeys(t *testing.T) {
	tests := []struct {
		name   string
		keysOf func(any) []worker.Key
		event  func(cache.ResourceEventHandler)
		want   string // the keys that become ready, those ahead of a background key "-" before it
	}{
		{"new object", worker.Self, func(h cache.ResourceEventHandler) { h.OnAdd(pod("1"), false) }, "a -"},
		{"initial list", worker.Self, func(h cache.ResourceEventHandler) { h.OnAdd(pod("1"), true) }, "- a"},
		{"update", worker.Self, func(h cache.ResourceEventHandler) { h.OnUpdate(pod("1"), pod("2")) }, "a -"},
		{"resync", worker.Self, func(h cache.ResourceEventHandler) { h.OnUpdate(pod("1"), pod("1")) }, "- a"},
		{"update of objects without a version", worker.Self, func(h cache.ResourceEventHandler) { h.OnUpdate(pod(""), pod("")) }, "a -"},
		{"update that moves to another key", byOwner, func(h cache.ResourceEventHandler) {
			h.OnUpdate(labelled(pod("1"), "old"), labelled(pod("2"), "new"))
		}, "old new -"},
		{"update between the same of several keys", func(any) []worker.Key { return []worker.Key{key("a"), key("b"), key("a")} }, func(h cache.ResourceEventHandler) {
			h.OnUpdate(pod("1"), pod("2"))
		}, "a b -"},
		{"update of something that is no object", func(any) []worker.Key { return []worker.Key{key("a")} }, func(h cache.ResourceEventHandler) { h.OnUpdate(1, 1) }, "a -"},
		{"delete", worker.Self, func(h cache.ResourceEventHandler) { h.OnDelete(pod("1")) }, "a -"},
		{"missed delete", byOwner, func(h cache.ResourceEventHandler) {
			h.OnDelete(cache.DeletedFinalStateUnknown{Key: "default/a", Obj: labelled(pod("1"), "owner")})
		}, "owner -"},
		{"missed delete of an object never seen", byOwner, func(h cache.ResourceEventHandler) {
			h.OnDelete(cache.DeletedFinalStateUnknown{Key: "default/a"})
		}, "-"},
		{"no object of the API", worker.Self, func(h cache.ResourceEventHandler) { h.OnAdd("what?", false) }, "-"},
		{"object of no interest", func(any) []worker.Key { return nil }, func(h cache.ResourceEventHandler) { h.OnAdd(pod("1"), false) }, "-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkOrder(t, tt.want, func(w *worker.Worker) { tt.event(w.Handler(tt.keysOf)) })
		})
	}
}

// checkOrder checks which keys become ready when something has happened, and whether that is before or after a background key "-".
func checkOrder(t *testing.T, want string, happen func(*worker.Worker)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, succeed)
		f.Add(key("-"), worker.Background)
		happen(f.Worker)
		f.start(t, t.Context())
		synctest.Wait()
		if diff := cmp.Diff(want, f.names()); diff != "" {
			t.Errorf("order of the keys (-want +got)\n%s", diff)
		}
	})
}

func TestPanicInKeysOfCostsOnlyTheEvent(t *testing.T) {
	keysOf := func(obj any) []worker.Key {
		if obj.(*corev1.Pod).ResourceVersion == "1" {
			panic("oh")
		}
		return worker.Self(obj)
	}
	for name, handlerOf := range map[string]func(*worker.Worker) cache.ResourceEventHandler{
		"Handler": func(w *worker.Worker) cache.ResourceEventHandler { return w.Handler(keysOf) },
		"ChangeHandler": func(w *worker.Worker) cache.ResourceEventHandler {
			return w.ChangeHandler(func(_, after any) []worker.Key { return keysOf(after) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, logs := newLoggedWorker(t)
			handler := handlerOf(w)
			handler.OnAdd(pod("1"), false)
			handler.OnAdd(pod("2"), false)
			if w.Len() != 1 {
				t.Errorf("%d keys are in the queue, want the one of the second event", w.Len())
			}
			if logs.FilterMessage("naming the keys of an event panicked").Len() != 1 {
				t.Error("the panic is not in the log")
			}
		})
	}
}

func newLoggedWorker(t *testing.T) (*worker.Worker, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	w, err := worker.New(worker.Config{
		Name: "logged", Workers: 1, Log: zap.New(core), Metrics: prometheus.NewPedanticRegistry(),
		Reconcile: func(context.Context, worker.Key) (worker.Result, error) { return worker.Result{}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, logs
}

// TestChangeHandlerTellsWhatChanged names keys after what an object was and is.
func TestChangeHandlerTellsWhatChanged(t *testing.T) {
	version := func(obj any) string {
		if p, ok := obj.(*corev1.Pod); ok {
			return p.ResourceVersion
		}
		return "none"
	}
	for _, tt := range []struct {
		name  string
		event func(cache.ResourceEventHandler)
		want  string // as of TestHandlerAddsKeys
	}{
		{"new object", func(h cache.ResourceEventHandler) { h.OnAdd(pod("1"), false) }, "none-1 -"},
		{"initial list", func(h cache.ResourceEventHandler) { h.OnAdd(pod("1"), true) }, "- none-1"},
		{"resync", func(h cache.ResourceEventHandler) { h.OnUpdate(pod("1"), pod("1")) }, "- 1-1"},
		{"update", func(h cache.ResourceEventHandler) { h.OnUpdate(pod("1"), pod("2")) }, "1-2 -"},
		{"delete", func(h cache.ResourceEventHandler) { h.OnDelete(pod("1")) }, "1-none -"},
		{"missed delete", func(h cache.ResourceEventHandler) {
			h.OnDelete(cache.DeletedFinalStateUnknown{Key: "default/a", Obj: pod("1")})
		}, "1-none -"},
		{"missed delete of an object never seen", func(h cache.ResourceEventHandler) {
			h.OnDelete(cache.DeletedFinalStateUnknown{Key: "default/a"})
		}, "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkOrder(t, tt.want, func(w *worker.Worker) {
				tt.event(w.ChangeHandler(func(before, after any) []worker.Key { return []worker.Key{key(version(before) + "-" + version(after))} }))
			})
		})
	}
}

// TestChangeHandlerLeavesTheInitialListToTerms has a worker whose terms begin with all keys.
func TestChangeHandlerLeavesTheInitialListToTerms(t *testing.T) {
	f := newWorker(t, succeed, func(c *worker.Config) { c.Keys = func() []worker.Key { return nil } })
	f.ChangeHandler(func(_, after any) []worker.Key { return worker.Self(after) }).OnAdd(pod("1"), true)
	if n := f.Len(); n != 0 {
		t.Errorf("%d keys are in the queue, want none", n)
	}
}
