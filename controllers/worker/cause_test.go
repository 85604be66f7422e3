package worker_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func TestCausesOfEvents(t *testing.T) {
	tests := []struct {
		name  string
		event func(*fixture, cache.ResourceEventHandler)
		want  []string
	}{
		{"new object", func(_ *fixture, h cache.ResourceEventHandler) { h.OnAdd(pod("1"), false) }, []string{"add of Pod default/a"}},
		{"initial list", func(_ *fixture, h cache.ResourceEventHandler) { h.OnAdd(pod("1"), true) }, []string{"initial-list of Pod default/a"}},
		{"update", func(_ *fixture, h cache.ResourceEventHandler) { h.OnUpdate(pod("1"), pod("2")) }, []string{"update of Pod default/a"}},
		{"resync", func(_ *fixture, h cache.ResourceEventHandler) { h.OnUpdate(pod("1"), pod("1")) }, []string{"resync of Pod default/a"}},
		{"delete", func(_ *fixture, h cache.ResourceEventHandler) { h.OnDelete(pod("1")) }, []string{"delete of Pod default/a"}},
		{"missed delete", func(_ *fixture, h cache.ResourceEventHandler) {
			h.OnDelete(cache.DeletedFinalStateUnknown{Key: "default/a", Obj: pod("1")})
		}, []string{"delete of Pod default/a"}},
		{"object that says its kind", func(_ *fixture, h cache.ResourceEventHandler) {
			h.OnAdd(&unstructured.Unstructured{Object: map[string]any{
				"apiVersion": "v1", "kind": "Gadget", "metadata": map[string]any{"namespace": "default", "name": "a"},
			}}, false)
		}, []string{"add of Gadget default/a"}},
		{"add without a cause", func(f *fixture, _ cache.ResourceEventHandler) { f.Add(key("a"), worker.Live) }, []string{"direct"}},
		{"many of one kind", func(f *fixture, h cache.ResourceEventHandler) {
			for range 5 {
				h.OnUpdate(pod("1"), pod("2"))
			}
			f.Add(key("a"), worker.Background)
		}, []string{"update of Pod default/a (5 times)", "direct"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newWorker(t, succeed)
				tt.event(f, f.Handler(worker.Self))
				f.term(t, time.Millisecond)
				if diff := cmp.Diff(tt.want, causes(f.Records(1)[0])); diff != "" {
					t.Errorf("causes (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func causes(r worker.Record) []string {
	var list []string
	for _, c := range r.Causes {
		list = append(list, c.String())
	}
	return list
}

func TestCausesOfLookingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, fail, func(c *worker.Config) {
			c.Keys = func() []worker.Key { return []worker.Key{key("failing")} }
		})
		g := newWorker(t, again(time.Second))
		g.Add(key("looking"), worker.Live)
		f.start(t, t.Context())
		g.term(t, 1500*time.Millisecond)
		for name, tt := range map[string]struct{ got, want string }{
			"begin of a term": {f.Records(1000)[len(f.Records(1000))-1].Causes[0].String(), "term"},
			"retry":           {f.Records(1)[0].Causes[0].String(), "retry"},
			"look again":      {g.Records(1)[0].Causes[0].String(), "look-again"},
		} {
			if tt.got != tt.want {
				t.Errorf("%s: the cause is %q, want %q", name, tt.got, tt.want)
			}
		}
	})
}

func TestKeyPutBackSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(time.Hour))
		f.Add(key("a"), worker.Live)
		f.term(t, time.Second)
		if diff := cmp.Diff([]worker.Cause{{Event: worker.PutBack, Count: 1}}, f.History(key("a")).Pending); diff != "" {
			t.Errorf("pending causes (-want +got)\n%s", diff)
		}
	})
}

func TestFirstCausesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, succeed)
		for i := range 10 {
			for range 2 {
				p := &corev1.Pod{}
				p.Name = fmt.Sprint(i)
				f.AddBecause(worker.CauseOf(worker.Updated, p), key("a"), worker.Live)
			}
		}
		f.term(t, time.Millisecond)
		got := f.Records(1)[0]
		want := []string{"update of Pod 0 (2 times)", "update of Pod 1 (2 times)", "update of Pod 2 (2 times)", "update of Pod 3 (2 times)"}
		if diff := cmp.Diff(want, causes(got)); diff != "" {
			t.Errorf("causes (-want +got)\n%s", diff)
		}
		if got.CausesOmitted != 12 {
			t.Errorf("%d events are counted as left out, want 12", got.CausesOmitted)
		}
	})
}
