package replicaset

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
)

// FuzzPlan holds what must be true of every decision, whatever is observed.
func FuzzPlan(f *testing.F) {
	f.Add(uint64(1), int32(3), int32(0), uint8(5), uint8(0))
	f.Add(uint64(2), int32(2147483647), int32(2147483647), uint8(20), uint8(0))
	f.Add(uint64(3), int32(-1), int32(-1), uint8(30), uint8(1))
	f.Add(uint64(4), int32(0), int32(10), uint8(40), uint8(2))
	f.Add(uint64(5), int32(5), int32(10), uint8(50), uint8(7))
	f.Fuzz(func(t *testing.T, seed uint64, replicas, minReady int32, pods, flags uint8) {
		o := randomObservation(seed, replicas, minReady, pods, flags)
		d := plan(o)
		for _, problem := range slices.Concat(checkDecision(o, d), checkStatus(o, d), checkNothingLeft(o, d)) {
			t.Error(problem)
		}
	})
}

// TestPlanInvariants runs the oracle of FuzzPlan over many observations, so that every test run does.
func TestPlanInvariants(t *testing.T) {
	for seed := range uint64(20_000) {
		random := rand.New(rand.NewPCG(seed, 1))
		replicas := []int32{0, 1, 3, 10, 600, 2147483647, -1}[random.IntN(7)]
		o := randomObservation(seed, replicas, int32(random.IntN(5)), uint8(random.IntN(30)), uint8(random.IntN(8)))
		d := plan(o)
		for _, problem := range slices.Concat(checkDecision(o, d), checkStatus(o, d), checkNothingLeft(o, d)) {
			t.Errorf("seed %d: %s", seed, problem)
		}
	}
}

// TestPlanReadsWhatIsDeclared compares decisions on pods with those on pods that are the same only in what the controller declares.
func TestPlanReadsWhatIsDeclared(t *testing.T) {
	for seed := range uint64(40) {
		o := randomObservation(seed, int32(seed%10), int32(seed%5), uint8(seed%20), uint8(seed%8))
		other, related := o, disguised(o.related()...)
		other.pods, other.orphans = disguised(o.pods...), disguised(o.orphans...)
		other.related = func() []*corev1.Pod { return related }
		want, got := plan(o), plan(other)
		if diff := cmp.Diff(actionsOf(want), actionsOf(got)) + cmp.Diff(want.status, got.status); diff != "" {
			t.Fatalf("seed %d: decision on pods in disguise (-want +got):\n%s", seed, diff)
		}
	}
}

func randomObservation(seed uint64, replicas, minReady int32, pods, flags uint8) observation {
	random := rand.New(rand.NewPCG(seed, 2))
	rs := newReplicaSet(replicas, func(rs *appsv1.ReplicaSet) {
		rs.Spec.MinReadySeconds = minReady
		if flags&1 != 0 {
			rs.DeletionTimestamp = &metav1.Time{Time: epoch()}
		}
	})
	all := randomPods(random, int(pods))
	for _, pod := range all {
		for _, change := range []func(*corev1.Pod){orphan, stranger, foreign, deleted, inPhase(corev1.PodFailed)} {
			if random.IntN(6) == 0 && len(pod.OwnerReferences) > 0 {
				change(pod)
			}
		}
	}
	o := newObservation(rs, all...)
	o.waiting = flags&2 != 0
	o.lost = random.IntN(2 * stormPods)
	o.related = func() []*corev1.Pod { return all }
	if doubt := random.IntN(4); flags&4 != 0 {
		o.doubted = func(p *corev1.Pod) bool { return len(p.UID)%4 == doubt }
	}
	return o
}

// activeAfterClaim returns the pods that count as replicas once the decision's adoptions are done.
func activeAfterClaim(o observation, d decision) []*corev1.Pod {
	var active []*corev1.Pod
	for _, pod := range slices.Concat(o.pods, d.adopt) {
		if podfacts.IsActive(pod) && pod.Labels["app"] == "web" {
			active = append(active, pod)
		}
	}
	return active
}

func checkDecision(o observation, d decision) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	active := activeAfterClaim(o, d)
	have, want := int64(len(active)), max(0, int64(*o.replicaSet.Spec.Replicas))
	if d.create < 0 || d.create > maxChanges || d.create > 0 && have+d.create > want {
		say("creates %d pods though %d of %d are there", d.create, have, want)
	}
	if n := int64(len(d.remove)); n > maxChanges || n > 0 && have-n < want {
		say("deletes %d pods though %d of %d are there", n, have, want)
	}
	if d.create > 0 && len(d.remove) > 0 {
		say("creates %d pods and deletes %d", d.create, len(d.remove))
	}
	if d.scales() && (o.waiting || o.replicaSet.DeletionTimestamp != nil) {
		say("creates or deletes while own writes are unseen (%v) or the ReplicaSet is being deleted", o.waiting)
	}
	if o.replicaSet.DeletionTimestamp != nil && d.acts() {
		say("acts for a ReplicaSet that is being deleted")
	}
	if want := doubtedFirst(rank(active, o.related(), o.now), o.doubted); len(d.remove) > 0 && len(d.remove) < len(active) {
		if diff := cmp.Diff(names(want[:len(d.remove)]), names(d.remove)); diff != "" {
			say("deletes other pods than the first in the order of deletion (-want +got):\n%s", diff)
		}
	}
	if d.lookAgain < 0 {
		say("looks again after %s", d.lookAgain)
	}
	return problems
}

func checkStatus(o observation, d decision) (problems []string) {
	if d.status == nil {
		return nil
	}
	s := d.status
	if s.Replicas < 0 || s.FullyLabeledReplicas > s.Replicas || s.ReadyReplicas > s.Replicas || s.AvailableReplicas > s.ReadyReplicas {
		problems = append(problems, fmt.Sprintf("status makes no sense: %+v", *s))
	}
	if sameStatus(*s, o.replicaSet.Status) {
		problems = append(problems, "writes a status that is there already")
	}
	return problems
}

// checkNothingLeft carries the decision out and plans again until nothing more is asked for, which must come soon.
func checkNothingLeft(o observation, d decision) []string {
	wanted := int64(*o.replicaSet.Spec.Replicas)
	if wanted > 1000 {
		return nil
	}
	o.replicaSet = o.replicaSet.DeepCopy()
	for range 10 {
		if !d.acts() && d.status == nil && !d.hold.IsOn() {
			return nil
		}
		o = carryOut(o, d)
		d = plan(o)
	}
	return []string{fmt.Sprintf("after 10 rounds there is still something to do: %+v", actionsOf(d))}
}

// carryOut returns what is observed two minutes after everything the decision asks for has been done.
func carryOut(o observation, d decision) observation {
	removed := func(p *corev1.Pod) bool { return slices.Contains(d.remove, p) || slices.Contains(d.release, p) }
	var pods []*corev1.Pod
	for _, pod := range d.adopt {
		pod = pod.DeepCopy()
		pod.OwnerReferences = []metav1.OwnerReference{controllerRef(o.replicaSet)}
		pods = append(pods, pod)
	}
	adopted := names(d.adopt)
	pods = slices.DeleteFunc(append(pods, slices.DeleteFunc(slices.Clone(o.pods), removed)...), func(p *corev1.Pod) bool {
		return slices.Contains(names(d.remove), p.Name)
	})
	o.orphans = slices.DeleteFunc(slices.Clone(o.orphans), func(p *corev1.Pod) bool { return slices.Contains(adopted, p.Name) })
	o.now, o.lost = o.now.Add(2*time.Minute), 0
	for i := range d.create {
		pods = append(pods, newPod(fmt.Sprint("new-", o.now.Unix(), "-", i), func(p *corev1.Pod) { p.CreationTimestamp = metav1.NewTime(o.now) }))
	}
	o.pods = pods
	o.related = func() []*corev1.Pod { return pods }
	if d.status != nil {
		o.replicaSet.Status = *d.status
	}
	if d.hold.IsOn() {
		o.hold = statushold.Hold{}.Held(false, o.now.Add(-time.Minute))
	}
	return o
}

func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			o := newObservation(newReplicaSet(int32(n)), newPods("own", n, readyFor(time.Hour))...)
			for b.Loop() {
				plan(o)
			}
		})
	}
}
