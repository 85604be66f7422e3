package replicaset

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

func TestPlanInAStorm(t *testing.T) {
	failed := func(n int, age time.Duration) []*corev1.Pod {
		return newPods(fmt.Sprint("failed-", age), n, inPhase(corev1.PodFailed), createdAgo(age))
	}
	ended := func(n int, how func(*corev1.Pod)) []*corev1.Pod {
		return disguised(newPods("ended", n, inPhase(corev1.PodFailed), createdAgo(15*time.Second), how)...)
	}
	with := func(ready int, pods []*corev1.Pod) []*corev1.Pod {
		return append(pods, newPods("own", ready, readyFor(time.Hour))...)
	}
	for _, tc := range []struct {
		name       string
		pods       []*corev1.Pod
		lastCreate time.Duration
		want       actions
	}{
		{"a few that failed are replaced at once", failed(9, time.Second), time.Second, actions{Create: 100}},
		{"many that failed long ago don't matter", failed(500, 2*time.Minute), time.Hour, actions{Create: 100}},
		{"fewer than there are new ones that are ready", append(failed(10, time.Second), newPods("own", 11, createdAgo(time.Second), readyFor(0))...), time.Second, actions{Create: 89}},
		{"as many as there are new ones that are ready", append(failed(10, time.Second), newPods("own", 10, createdAgo(time.Second), readyFor(0))...), 2 * time.Second, actions{Create: 1}},
		{"many that were ready don't matter while half are", with(50, ended(50, served)), time.Second, actions{Create: 50}},
		{"many that were ready, and fewer than half are", with(49, ended(50, served)), 2 * time.Second, actions{Create: 1}},
		{"many that never were ready", with(50, ended(10, unserved)), 2 * time.Second, actions{Create: 1}},
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

func TestPodsThatAreGoneMakeAStorm(t *testing.T) {
	for _, tc := range []struct {
		name string
		lost int
		pods []*corev1.Pod
		want actions
	}{
		{"a few that are gone are replaced at once", 9, nil, actions{Create: 100}},
		{"many", 10, nil, actions{Create: 1, LookAgain: stormPace}},
		{"together with those that ended", 5, newPods("failed", 5, inPhase(corev1.PodFailed), createdAgo(time.Second)), actions{Create: 1, LookAgain: stormPace}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newObservation(newReplicaSet(100), tc.pods...)
			o.lost = tc.lost
			if diff := cmp.Diff(tc.want, actionsOf(plan(o))); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewbornsThatAreLost(t *testing.T) {
	born := func(p *corev1.Pod) { p.UID = "born" }
	for _, tc := range []struct {
		name       string
		age        time.Duration
		pods       []*corev1.Pod
		lost, left int // now, and remembered
	}{
		{"gone", time.Second, nil, 1, 1},
		{"gone long ago", 2 * stormWindow, nil, 0, 0},
		{"about to go", time.Second, newPods("own", 1, born, deleted), 1, 1},
		{"not ready yet", time.Second, newPods("own", 1, born), 0, 1},
		{"ended, which others count", time.Second, newPods("own", 1, born, inPhase(corev1.PodFailed)), 0, 1},
		{"ready", time.Second, newPods("own", 1, born, readyFor(0)), 0, 0},
		{"was ready", time.Second, newPods("own", 1, born, served), 0, 0},
		{"was ready and ended", time.Second, newPods("own", 1, born, served, inPhase(corev1.PodFailed)), 0, 0},
		{"was ready and about to go", time.Second, newPods("own", 1, born, served, deleted), 0, 0},
		{"ready and about to go", time.Second, newPods("own", 1, born, readyFor(0), deleted), 0, 0},
		{"another pod in its place", time.Second, newPods("own", 1), 1, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var n newborns
			n.add(newPod("own", born), epoch().Add(-tc.age))
			if diff := cmp.Diff([]int{tc.lost, tc.left}, []int{n.review(tc.pods, epoch()), len(n)}); diff != "" {
				t.Errorf("lost, and remembered (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewbornsAreBounded(t *testing.T) {
	var n newborns
	for _, pod := range newPods("own", 2*maxNewborns) {
		n.add(pod, epoch())
	}
	if diff := cmp.Diff(maxNewborns, len(n)); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
}

// TestStorm lets every pod fail, or be gone, the moment it is made, for three minutes by a clock that may differ from the API
// server's, and then lets them stay.
func TestStorm(t *testing.T) {
	for _, replicas := range []int32{3, 500} {
		for _, skew := range []time.Duration{0, -time.Hour, time.Hour} {
			for _, gone := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d replicas, skew %s, gone %t", replicas, skew, gone), func(t *testing.T) {
					s := &storm{o: newObservation(newReplicaSet(replicas)), skew: skew}
					for s.o.now.Before(epoch().Add(3 * time.Minute)) {
						s.step(corev1.PodFailed, gone)
					}
					if most := mostWithin(s.made[replicas:], time.Minute); most > 60-int(min(replicas, 3)) {
						t.Errorf("%d pods replaced within a minute, want less than 60", most)
					}
					calm := s.o.now
					for range 4 * 70 {
						s.step(corev1.PodRunning, false)
					}
					if d := plan(s.o); d.create != 0 {
						t.Errorf("%s after the last failure %d pods are missing, want none", s.o.now.Sub(calm), d.create)
					}
				})
			}
		}
	}
}

// TestStormOfPodsThatWereReady evicts every pod eight seconds after it was made, and has been ready since.
func TestStormOfPodsThatWereReady(t *testing.T) {
	const replicas, life = 500, 8 * time.Second
	s := &storm{o: newObservation(newReplicaSet(replicas))}
	for s.o.now.Before(epoch().Add(3 * time.Minute)) {
		for _, pod := range s.o.pods {
			if age := s.o.now.Sub(pod.CreationTimestamp.Time); age >= life && podfacts.IsActive(pod) {
				pod.Status.Phase = corev1.PodFailed
				pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, LastTransitionTime: metav1.NewTime(s.o.now)}}
			}
		}
		before := len(s.o.pods)
		s.step(corev1.PodRunning, false)
		for _, pod := range s.o.pods[before:] {
			readyFor(0)(pod)
			pod.Status.StartTime = &pod.CreationTimestamp
		}
	}
	if len(s.made) < replicas {
		t.Fatalf("%d pods made, want %d at first", len(s.made), replicas)
	}
	if most := mostWithin(s.made[replicas:], time.Minute); most > 60 || most < 30 {
		t.Errorf("%d pods replaced within a minute, want at most 60, and no end of trying", most)
	}
}

// storm is a ReplicaSet whose pods share a fate.
type storm struct {
	o    observation
	born newborns
	skew time.Duration
	made []time.Time
}

// step carries out what is planned, and lets a quarter of a second pass.
func (s *storm) step(phase corev1.PodPhase, gone bool) {
	o := &s.o
	o.lost = s.born.review(o.pods, o.now)
	for range plan(*o).create {
		stamp := metav1.NewTime(o.now.Add(s.skew).Truncate(time.Second))
		pod := newPod(fmt.Sprint("pod-", len(s.made)), inPhase(phase), func(p *corev1.Pod) { p.CreationTimestamp = stamp })
		s.born.add(pod, o.now)
		if !gone {
			o.pods = append(o.pods, pod)
		}
		s.made, o.lastCreate = append(s.made, o.now), o.now
	}
	o.now = o.now.Add(250 * time.Millisecond)
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
