package podsync

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestTimes(t *testing.T) {
	const second = time.Second
	// epoch is the start of a container that the runtime could not start.
	epoch := int(-termStart.Unix())
	tests := []struct {
		name string
		pods []*corev1.Pod
		want map[milestone][]time.Duration // by all of pods
	}{
		{
			"a pod's way, seen step by step",
			[]*corev1.Pod{
				newPod(),
				newPod(onNode(11)),
				newPod(onNode(11), running(14), unready(12, 12)),
				newPod(onNode(11), running(14), isReady(19)),
			},
			map[milestone][]time.Duration{scheduled: {second}, started: {4 * second}, ready: {9 * second}},
		},
		{
			"all at once, created in the term",
			[]*corev1.Pod{newPod(onNode(11), running(14), isReady(19))},
			map[milestone][]time.Duration{scheduled: {second}, started: {4 * second}, ready: {9 * second}},
		},
		{
			"all reached before the term, and seen again",
			[]*corev1.Pod{
				newPod(created(-30), onNode(-29), running(-28), isReady(-27)),
				newPod(created(-30), onNode(-29), running(-28), isReady(-27)),
			},
			nil,
		},
		{
			"created before the term, all reached in it",
			[]*corev1.Pod{newPod(created(-30)), newPod(created(-30), onNode(1), running(2), isReady(3))},
			map[milestone][]time.Duration{scheduled: {31 * second}, started: {32 * second}, ready: {33 * second}},
		},
		{
			"readiness comes and goes",
			[]*corev1.Pod{newPod(), newPod(isReady(19)), newPod(unready(12, 25)), newPod(isReady(40))},
			map[milestone][]time.Duration{ready: {9 * second}},
		},
		{
			"was ready before the term, is not at first sight",
			[]*corev1.Pod{newPod(created(-30), unready(-28, -5)), newPod(created(-30), isReady(40))},
			nil,
		},
		{
			"was never ready before the term, timestamps rounded apart",
			[]*corev1.Pod{newPod(created(-30), unready(-28, -27)), newPod(created(-30), isReady(10))},
			map[milestone][]time.Duration{ready: {40 * second}},
		},
		{
			"known for never ready, whatever its condition says of itself later",
			[]*corev1.Pod{newPod(), newPod(unready(12, 30)), newPod(isReady(40))},
			map[milestone][]time.Duration{ready: {30 * second}},
		},
		{
			"restarted before it was ready: the first start counts",
			[]*corev1.Pod{newPod(), newPod(running(14)), newPod(running(30), lastStarted(14), restarts(1))},
			map[milestone][]time.Duration{started: {4 * second}},
		},
		{
			"first seen after a restart: its last start but one is the first",
			[]*corev1.Pod{newPod(running(30), lastStarted(14), restarts(1))},
			map[milestone][]time.Duration{started: {4 * second}},
		},
		{
			"old pod whose starts are lost",
			[]*corev1.Pod{newPod(created(-900), restarts(1), waiting("CrashLoopBackOff")), newPod(created(-900), restarts(2), running(20))},
			nil,
		},
		{
			"container that could not be started",
			[]*corev1.Pod{newPod(), newPod(waiting("RunContainerError"), lastStarted(epoch)), newPod(running(20), lastStarted(epoch))},
			map[milestone][]time.Duration{started: {10 * second}},
		},
		{
			"init containers don't count as started",
			[]*corev1.Pod{newPod(), newPod(initContainer(corev1.Container{Name: "setup"}, corev1.ContainerStatus{
				Name: "setup", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(12)}},
			}))},
			nil,
		},
		{
			"clocks that differ",
			[]*corev1.Pod{newPod(onNode(7))},
			map[milestone][]time.Duration{scheduled: {0}},
		},
		{
			"condition without a time",
			[]*corev1.Pod{newPod(), newPod(func(p *corev1.Pod) {
				p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue}}
			})},
			nil,
		},
		{
			"another pod of the name is timed for itself",
			[]*corev1.Pod{newPod(onNode(11)), newPod(uid("2"), created(50), onNode(52))},
			map[milestone][]time.Duration{scheduled: {second, 2 * second}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, timesOf(tt.pods)); diff != "" {
				t.Errorf("times (-want +got)\n%s", diff)
			}
		})
	}
}

// timesOf returns what is measured while the pod goes through its states.
func timesOf(pods []*corev1.Pod) map[milestone][]time.Duration {
	var times map[milestone][]time.Duration
	for n := range pods {
		for _, t := range planAll(termStart.Add(time.Minute), pods[:n+1]...).times {
			if times == nil {
				times = map[milestone][]time.Duration{}
			}
			times[t.milestone] = append(times[t.milestone], t.after)
		}
	}
	return times
}

func TestPodThatComesBackIsNotTimedAgain(t *testing.T) {
	pod := newPod(onNode(11), running(12), isReady(13))
	known := planAll(termStart, pod).after
	left := plan(state{before: known, pod: pod, termStart: termStart}, termStart).after
	if back := plan(state{before: left, pod: pod, selected: true, termStart: termStart}, termStart); back.times != nil {
		t.Errorf("times = %v, want none", back.times)
	}
}
