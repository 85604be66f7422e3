package podsync

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"
)

// planAll plans for the states of a pod in turn, a nil one being that it doesn't exist, and returns what the last leads to.
// It reads nothing of the pods that isn't declared, or the disguise would show.
func planAll(now time.Time, pods ...*corev1.Pod) actions {
	var last actions
	for _, pod := range pods {
		last = plan(state{before: last.after, pod: disguised(pod), selected: pod != nil, termStart: termStart}, now)
	}
	return last
}

// text renders a line as a console would.
func (l line) text() string {
	fields := zapcore.NewMapObjectEncoder()
	words := []string{l.level.String(), l.message}
	for _, f := range l.fields {
		f.AddTo(fields)
		words = append(words, fmt.Sprintf("%s=%v", f.Key, fields.Fields[f.Key]))
	}
	return strings.Join(words, " ")
}

func texts(lines []line) []string {
	var texts []string
	for _, l := range lines {
		texts = append(texts, l.text())
	}
	return texts
}

func TestPlanLogs(t *testing.T) {
	tests := []struct {
		name string
		pods []*corev1.Pod
		want []string // by the last of pods
	}{
		{
			"created in the term",
			[]*corev1.Pod{newPod()},
			[]string{"info pod created phase=Pending ready=0/1 restarts=0 node="},
		},
		{
			"there before the term",
			[]*corev1.Pod{newPod(created(-10), onNode(-9), running(-8), isReady(-7))},
			[]string{"debug pod observed phase=Running ready=1/1 restarts=0 node=node-1"},
		},
		{
			"created in the second in which the term began",
			[]*corev1.Pod{newPod(created(0))},
			[]string{"info pod created phase=Pending ready=0/1 restarts=0 node="},
		},
		{
			"nothing that is of interest",
			[]*corev1.Pod{newPod(), newPod(func(p *corev1.Pod) { p.Labels = map[string]string{"a": "b"} })},
			nil,
		},
		{
			"scheduled",
			[]*corev1.Pod{newPod(), newPod(onNode(11))},
			[]string{"info pod changed phase=Pending ready=0/1 restarts=0 node=node-1 changes=[scheduled]"},
		},
		{
			"image being pulled",
			[]*corev1.Pod{newPod(onNode(11)), newPod(onNode(11), waiting("ContainerCreating"))},
			[]string{"debug pod changed phase=Pending ready=0/1 restarts=0 node=node-1 reason=ContainerCreating changes=[reason none→ContainerCreating]"},
		},
		{
			"started",
			[]*corev1.Pod{newPod(onNode(11), waiting("ContainerCreating")), newPod(onNode(11), running(12))},
			[]string{"info pod changed phase=Running ready=0/1 restarts=0 node=node-1 changes=[phase Pending→Running reason ContainerCreating→none]"},
		},
		{
			"became ready",
			[]*corev1.Pod{newPod(onNode(11), running(12)), newPod(onNode(11), running(12), isReady(13))},
			[]string{"info pod changed phase=Running ready=1/1 restarts=0 node=node-1 changes=[ready 0/1→1/1 became ready]"},
		},
		{
			"became unready though its containers are not, as when its node is lost",
			[]*corev1.Pod{newPod(running(12), isReady(13)), newPod(running(12), isReady(13), func(p *corev1.Pod) {
				p.Status.Conditions[0].Status = corev1.ConditionFalse
			})},
			[]string{"info pod changed phase=Running ready=1/1 restarts=0 node= changes=[became unready]"},
		},
		{
			"one of two containers ready",
			[]*corev1.Pod{newPod(sidecar(corev1.ContainerStatus{Name: "proxy"})), newPod(sidecar(corev1.ContainerStatus{Name: "proxy", Ready: true}))},
			[]string{"debug pod changed phase=Pending ready=1/2 restarts=0 node= changes=[ready 0/2→1/2]"},
		},
		{
			"finished init containers are not among the ready",
			[]*corev1.Pod{newPod(initContainer(corev1.Container{Name: "setup"}, corev1.ContainerStatus{Name: "setup", Ready: true}))},
			[]string{"info pod created phase=Pending ready=0/1 restarts=0 node="},
		},
		{
			"restarted",
			[]*corev1.Pod{newPod(running(12)), newPod(running(20), restarts(1))},
			[]string{"info pod changed phase=Running ready=0/1 restarts=1 node= changes=[restarts 0→1]"},
		},
		{
			"stuck",
			[]*corev1.Pod{newPod(waiting("ContainerCreating")), newPod(waiting("ErrImagePull"))},
			[]string{"info pod changed phase=Pending ready=0/1 restarts=0 node= reason=ErrImagePull changes=[reason ContainerCreating→ErrImagePull]"},
		},
		{
			"stuck for another reason",
			[]*corev1.Pod{newPod(waiting("ErrImagePull")), newPod(waiting("ImagePullBackOff"))},
			[]string{"debug pod changed phase=Pending ready=0/1 restarts=0 node= reason=ImagePullBackOff changes=[reason ErrImagePull→ImagePullBackOff]"},
		},
		{
			"no longer stuck",
			[]*corev1.Pod{newPod(waiting("ErrImagePull")), newPod(waiting("ContainerCreating"))},
			[]string{"info pod changed phase=Pending ready=0/1 restarts=0 node= reason=ContainerCreating changes=[reason ErrImagePull→ContainerCreating]"},
		},
		{
			"deletion requested",
			[]*corev1.Pod{newPod(running(12)), newPod(running(12), deleted(130))},
			[]string{"info pod changed phase=Running ready=0/1 restarts=0 node= changes=[deletion requested]"},
		},
		{
			"gone",
			[]*corev1.Pod{newPod(running(12)), nil},
			[]string{"info pod does not exist anymore"},
		},
		{
			"gone before it was seen",
			[]*corev1.Pod{nil},
			[]string{"debug pod does not exist anymore"},
		},
		{
			"replaced by another of its name",
			[]*corev1.Pod{newPod(running(12), restarts(3)), newPod(uid("2"))},
			[]string{
				"info pod does not exist anymore",
				"info pod created phase=Pending ready=0/1 restarts=0 node=",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, texts(planAll(termStart.Add(time.Minute), tt.pods...).lines)); diff != "" {
				t.Errorf("lines (-want +got)\n%s", diff)
			}
		})
	}
}

func TestPlanCountsRestarts(t *testing.T) {
	withSetup := func(restarts int32) option {
		return initContainer(corev1.Container{Name: "setup"}, corev1.ContainerStatus{Name: "setup", RestartCount: restarts})
	}
	tests := []struct {
		name string
		pods []*corev1.Pod
		want int64 // by the last of pods
	}{
		{"those since the last sync", []*corev1.Pod{newPod(restarts(1)), newPod(restarts(4))}, 3},
		{"none that happened before the term", []*corev1.Pod{newPod(created(-10), restarts(7))}, 0},
		{"those since the first sight of an old pod", []*corev1.Pod{newPod(created(-10), restarts(7)), newPod(created(-10), restarts(8))}, 1},
		{"all of a pod that was created in the term", []*corev1.Pod{newPod(restarts(2))}, 2},
		{"init and sidecar containers too", []*corev1.Pod{
			newPod(withSetup(0), sidecar(corev1.ContainerStatus{Name: "proxy"})),
			newPod(withSetup(1), sidecar(corev1.ContainerStatus{Name: "proxy", RestartCount: 1}), restarts(1)),
		}, 3},
		{"a kubelet that has lost count", []*corev1.Pod{newPod(restarts(5)), newPod(restarts(0))}, 0},
		{"from the lost count on", []*corev1.Pod{newPod(restarts(5)), newPod(restarts(0)), newPod(restarts(1))}, 1},
		{"a new pod of the name is not the old one", []*corev1.Pod{newPod(restarts(1)), newPod(uid("2"), created(-5), restarts(4))}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := planAll(termStart.Add(time.Minute), tt.pods...).restarts; got != tt.want {
				t.Errorf("restarts = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestPlanForgetsPodsThatLeave(t *testing.T) {
	known := planAll(termStart, newPod(restarts(2))).after
	left := plan(state{before: known, pod: newPod(restarts(3)), termStart: termStart}, termStart)
	back := plan(state{before: left.after, pod: newPod(restarts(4), onNode(20)), selected: true, termStart: termStart}, termStart)
	gone := plan(state{before: left.after, termStart: termStart}, termStart)

	type result struct {
		Selected bool
		Restarts int64
		Lines    []string
	}
	want := []result{
		{false, 0, []string{"debug pod is no longer selected"}},
		{true, 0, []string{"debug pod observed phase=Pending ready=0/1 restarts=4 node=node-1"}},
		{false, 0, nil},
	}
	var got []result
	for _, a := range []actions{left, back, gone} {
		got = append(got, result{a.after.selected, a.restarts, texts(a.lines)})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("left, back, gone (-want +got)\n%s", diff)
	}
	if gone.after.seen {
		t.Error("a pod that is gone is still remembered")
	}
	if never := plan(state{pod: newPod(), termStart: termStart}, termStart); never.after.seen || never.lines != nil {
		t.Errorf("a pod that never was selected leads to %+v, want nothing", never)
	}
}
