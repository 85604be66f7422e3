package replicaset

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestPlanInAStorm(t *testing.T) {
	failed := func(n int, age time.Duration) []*corev1.Pod {
		return newPods(fmt.Sprint("failed-", age), n, inPhase(corev1.PodFailed), createdAgo(age))
	}
	for _, tc := range []struct {
		name       string
		pods       []*corev1.Pod
		lastCreate time.Duration
		want       actions
	}{
		{"a few that failed are replaced at once", failed(9, time.Second), time.Second, actions{Create: 100}},
		{"many that failed long ago don't matter", failed(500, 2*time.Minute), time.Hour, actions{Create: 100}},
		{"many that run don't matter", newPods("own", 99, createdAgo(time.Second)), time.Second, actions{Create: 1}},
		{"one at a time", failed(10, 30*time.Second), 2 * time.Second, actions{Create: 1, LookAgain: stormPace}},
		{"not faster than the pace", failed(10, 2*time.Second), 400 * time.Millisecond, actions{LookAgain: stormPace - 400*time.Millisecond}},
		{"a new leader knows", failed(60, 30*time.Second), 0, actions{Create: 1, LookAgain: stormPace}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newObservation(newReplicaSet(100), tc.pods...)
			if tc.lastCreate > 0 {
				o.lastCreate = epoch().Add(-tc.lastCreate)
			}
			if diff := cmp.Diff(tc.want, actionsOf(plan(o))); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStorm lets every pod fail the moment it is made, for three minutes by a clock that may differ from the API server's, and
// then lets them stay.
func TestStorm(t *testing.T) {
	for _, replicas := range []int32{3, 500} {
		for _, skew := range []time.Duration{0, -time.Hour, time.Hour} {
			t.Run(fmt.Sprint(replicas, " replicas, skew ", skew), func(t *testing.T) {
				o := newObservation(newReplicaSet(replicas))
				var made []time.Time
				step := func(phase corev1.PodPhase) {
					d := plan(o)
					for range d.create {
						stamp := metav1.NewTime(o.now.Add(skew).Truncate(time.Second))
						o.pods = append(o.pods, newPod(fmt.Sprint("pod-", len(made)), inPhase(phase), func(p *corev1.Pod) { p.CreationTimestamp = stamp }))
						made = append(made, o.now)
						o.lastCreate = o.now
					}
					o.now = o.now.Add(250 * time.Millisecond)
				}
				for o.now.Before(epoch().Add(3 * time.Minute)) {
					step(corev1.PodFailed)
				}
				replacements := made[replicas:]
				if most := mostWithin(replacements, time.Minute); most > 60-int(min(replicas, 3)) {
					t.Errorf("%d pods replaced within a minute, want less than 60", most)
				}
				calm := o.now
				for range 4 * 70 {
					step(corev1.PodRunning)
				}
				if d := plan(o); d.create != 0 {
					t.Errorf("%s after the last failure %d pods are missing, want none", o.now.Sub(calm), d.create)
				}
			})
		}
	}
}

// mostWithin returns how many of the times, which are in order, lie within the window at the most.
func mostWithin(times []time.Time, window time.Duration) int {
	most := 0
	for i, from := range times {
		end, _ := slices.BinarySearchFunc(times, from.Add(window), time.Time.Compare)
		most = max(most, end-i)
	}
	return most
}
