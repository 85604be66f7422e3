package ownwrites_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownwrites"
)

// cache holds at most one object.
type cache struct {
	object  *corev1.Pod
	version string
}

func (c cache) Version() string { return c.version }

func (c cache) Get(name string) metav1.Object {
	if c.object == nil || c.object.Name != name {
		return nil
	}
	return c.object
}

func pod(uid types.UID, version string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a", UID: uid, ResourceVersion: version}}
}

func terminating(uid types.UID, version string) *corev1.Pod {
	p := pod(uid, version)
	p.DeletionTimestamp = &metav1.Time{Time: time.Unix(1000, 0)}
	return p
}

func TestSettle(t *testing.T) {
	wrote := func(p *corev1.Pod) func(*ownwrites.Writes, time.Time) {
		return func(w *ownwrites.Writes, now time.Time) { w.Wrote(p, now) }
	}
	deleted := func(p *corev1.Pod) func(*ownwrites.Writes, time.Time) {
		return func(w *ownwrites.Writes, now time.Time) { w.Deleted(p, now) }
	}
	for _, tc := range []struct {
		name  string
		write func(*ownwrites.Writes, time.Time)
		cache cache
		seen  bool
	}{
		{"created, not there", wrote(pod("u", "10")), cache{nil, "9"}, false},
		{"created, there", wrote(pod("u", "10")), cache{pod("u", "10"), "10"}, true},
		{"created, there and newer", wrote(pod("u", "10")), cache{pod("u", "12"), "12"}, true},
		{"created, came and went", wrote(pod("u", "10")), cache{nil, "12"}, true},
		{"created, an older one of that name is still there", wrote(pod("u", "10")), cache{pod("old", "7"), "9"}, false},
		{"created, a newer one of that name is there", wrote(pod("u", "10")), cache{pod("new", "17"), "17"}, true},
		{"changed, not yet", wrote(pod("u", "10")), cache{pod("u", "9"), "9"}, false},
		{"changed, cache is newer elsewhere but not here", wrote(pod("u", "100")), cache{pod("u", "9"), "99"}, false},
		{"deleted, still there", deleted(pod("u", "10")), cache{pod("u", "10"), "20"}, false},
		{"deleted, terminating", deleted(pod("u", "10")), cache{terminating("u", "12"), "12"}, true},
		{"deleted, gone", deleted(pod("u", "10")), cache{nil, "12"}, true},
		{"deleted, not come yet", deleted(pod("u", "10")), cache{nil, "9"}, false},
		{"deleted, another of that name is there", deleted(pod("u", "10")), cache{pod("new", "17"), "17"}, true},
		{"versions that are not numbers: there", wrote(pod("u", "")), cache{pod("u", ""), ""}, true},
		{"versions that are not numbers: not there", wrote(pod("u", "")), cache{nil, ""}, false},
		{"versions that are not numbers: deleted and gone", deleted(pod("u", "")), cache{nil, ""}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now := time.Unix(1000, 0)
			var w ownwrites.Writes
			tc.write(&w, now)
			trust := w.Settle(tc.cache, now.Add(ownwrites.Patience))
			if diff := cmp.Diff([]bool{tc.seen, true}, []bool{w.Len() == 0, trust}); diff != "" {
				t.Errorf("seen and trusted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettleLosesPatience(t *testing.T) {
	now := time.Unix(1000, 0)
	var w ownwrites.Writes
	w.Wrote(pod("u", "10"), now)
	if trust := w.Settle(cache{nil, "9"}, now.Add(ownwrites.Patience+1)); trust || w.Len() != 0 {
		t.Errorf("after its patience: got trust %v and %d unseen writes, want false and 0", trust, w.Len())
	}
}

func TestHas(t *testing.T) {
	var w ownwrites.Writes
	w.Wrote(pod("u", "10"), time.Unix(1000, 0))
	if got := []bool{w.Has(pod("u", "9")), w.Has(pod("other", "9"))}; !cmp.Equal([]bool{true, false}, got) {
		t.Errorf("a write on the object, and on another of its name: got %v, want [true false]", got)
	}
}
