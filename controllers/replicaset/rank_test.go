package replicaset

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestRank(t *testing.T) {
	on := func(node string) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Spec.NodeName = node } }
	cost := func(text string) func(*corev1.Pod) {
		return func(p *corev1.Pod) { p.Annotations = map[string]string{corev1.PodDeletionCost: text} }
	}
	uid := func(u types.UID) func(*corev1.Pod) { return func(p *corev1.Pod) { p.UID = u } }
	restarted := func(n int32) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "web", RestartCount: n}, {Name: "log"}}
		}
	}
	initRestarted := func(n int32, policy corev1.ContainerRestartPolicy) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Spec.InitContainers = []corev1.Container{{Name: "init", RestartPolicy: &policy}}
			p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "init", RestartCount: n}}
		}
	}
	unready := func(p *corev1.Pod) {}
	old := readyFor(time.Hour)

	for _, tc := range []struct {
		name        string
		first, then func(*corev1.Pod)
		also        []func(*corev1.Pod)
		related     []*corev1.Pod
	}{
		{name: "unassigned before assigned", first: on(""), then: on("a"), also: []func(*corev1.Pod){old}},
		{name: "Pending before Unknown", first: inPhase(corev1.PodPending), then: inPhase(corev1.PodUnknown)},
		{name: "Unknown before Running", first: inPhase(corev1.PodUnknown), then: inPhase(corev1.PodRunning)},
		{name: "without a phase before Running", first: inPhase(""), then: inPhase(corev1.PodRunning)},
		{name: "not ready before ready", first: unready, then: old},
		{name: "lower deletion cost first", first: cost("-5"), then: cost("3")},
		{name: "no deletion cost is 0", first: unready, then: cost("1")},
		{name: "largest and smallest deletion cost", first: cost("-2147483648"), then: cost("2147483647")},
		{name: "deletion cost that is too large counts as 0", first: cost("2147483648"), then: cost("1")},
		{name: "deletion cost with plus sign counts as 0", first: cost("+7"), then: cost("1")},
		{name: "deletion cost with leading zeros counts as 0", first: cost("007"), then: cost("1")},
		{name: "deletion cost that is no number counts as 0", first: cost("much"), then: cost("1")},
		{name: "empty deletion cost counts as 0", first: cost(""), then: cost("1")},
		{name: "node with more siblings first", first: on("a"), then: on("b"), related: newPods("sibling", 2, on("a"))},
		{name: "siblings that ended don't count", first: on("b"), then: on("a"),
			related: append(newPods("ended", 2, on("a"), inPhase(corev1.PodFailed)), newPod("sibling", on("b")))},
		{name: "ready for a shorter time first", first: readyFor(time.Minute), then: old},
		{name: "ready since it isn't known when goes first", first: readyFor(0), then: old},
		{name: "ready for about as long: UID decides", also: nil,
			first: join(readyFor(70*time.Minute), uid("a")), then: join(readyFor(71*time.Minute), uid("b"))},
		{name: "ready since the same second: restarts decide", also: []func(*corev1.Pod){old},
			first: join(restarted(2), uid("b")), then: join(restarted(1), uid("a"))},
		{name: "more restarts first", first: restarted(7), then: restarted(3)},
		{name: "more restarts of a sidecar first", first: initRestarted(3, "Always"), then: initRestarted(2, "Always")},
		{name: "restarts of a container count before a sidecar's", first: restarted(1), then: initRestarted(9, "Always")},
		{name: "restarts of an init container don't count",
			first: join(initRestarted(1, "Never"), uid("a")), then: join(initRestarted(9, "Never"), uid("b"))},
		{name: "newer first", first: createdAgo(time.Minute), then: createdAgo(time.Hour)},
		{name: "made about when: UID decides", first: join(createdAgo(71*time.Minute), uid("a")), then: join(createdAgo(70*time.Minute), uid("b"))},
		{name: "made in the future goes before made", first: createdAgo(-time.Hour), then: createdAgo(time.Second)},
		{name: "alike in everything: UID decides", first: uid("a"), then: uid("b")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			same := join(append(tc.also, on("a"), uid("same"))...)
			first, then := newPod("first", same, tc.first), newPod("then", same, tc.then)
			for _, pods := range [][]*corev1.Pod{{first, then}, {then, first}} {
				got := names(rank(disguised(pods...), disguised(append(tc.related, pods...)...), epoch()))
				if diff := cmp.Diff([]string{"first", "then"}, got); diff != "" {
					t.Errorf("order (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestRankIsAnOrder holds the one thing that the order of kube-controller-manager isn't: independent of where one begins.
func TestRankIsAnOrder(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		pods := randomPods(random, 12)
		want := names(rank(pods, pods, epoch()))
		random.Shuffle(len(pods), func(i, j int) { pods[i], pods[j] = pods[j], pods[i] })
		if diff := cmp.Diff(want, names(rank(pods, pods, epoch()))); diff != "" {
			t.Fatalf("seed %d: order after a shuffle (-want +got):\n%s", seed, diff)
		}
	}
}

func join(changes ...func(*corev1.Pod)) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		for _, change := range changes {
			change(p)
		}
	}
}

// randomPods returns pods that are alike enough for each rule of the order to decide between some of them.
func randomPods(random *rand.Rand, n int) []*corev1.Pod {
	phases := []corev1.PodPhase{corev1.PodPending, corev1.PodRunning, corev1.PodRunning, corev1.PodUnknown}
	pods := make([]*corev1.Pod, 0, n)
	for i := range n {
		pod := newPod(fmt.Sprintf("pod-%d", i), inPhase(phases[random.IntN(len(phases))]),
			createdAgo(time.Duration(random.IntN(4))*time.Second))
		if random.IntN(3) > 0 {
			readyFor(time.Duration(random.IntN(4)) * time.Second)(pod)
		}
		pod.UID = types.UID(fmt.Sprintf("uid-%d-%d", random.IntN(1000), i))
		pod.Spec.NodeName = []string{"", "a", "b"}[random.IntN(3)]
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: int32(random.IntN(2))}}
		if random.IntN(4) == 0 {
			pod.CreationTimestamp = metav1.Time{}
		}
		pods = append(pods, pod)
	}
	return pods
}

func BenchmarkRank(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			pods := randomPods(rand.New(rand.NewPCG(1, 2)), n)
			for b.Loop() {
				rank(slices.Clone(pods), pods, epoch())
			}
		})
	}
}
