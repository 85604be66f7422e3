package replicaset

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// simulateFlags say which simulations run: -simulate.seeds of them, or the one of -simulate.seed, with its log.
type simulateFlags struct {
	seeds *uint64
	seed  *uint64
}

var simulate = simulateFlags{
	seeds: flag.Uint64("simulate.seeds", 2000, "how many simulations run"),
	seed:  flag.Uint64("simulate.seed", 0, "the only simulation to run, with its log; 0 runs all"),
}

// TestSimulation lets users, kubelets and processes that fail and lag behind act in random order, and then lets them come to
// rest. At any time a pod may be created only if there are less than were asked for since the ReplicaSet was as the process
// sees it, and deleted only if there are more; in the end there are exactly as many as are asked for, and the status says so.
func TestSimulation(t *testing.T) {
	first, last := uint64(1), *simulate.seeds
	if *simulate.seed != 0 {
		first, last = *simulate.seed, *simulate.seed
	}
	for seed := first; seed <= last; seed++ {
		w := newWorld(seed)
		w.run()
		if w.failure != "" {
			t.Fatalf("%s\nreplay with: go test ./controllers/replicaset -run TestSimulation -simulate.seed=%d -v\n%s", w.failure, seed, strings.Join(w.log[max(0, len(w.log)-60):], "\n"))
		}
		if *simulate.seed != 0 {
			t.Log(strings.Join(w.log, "\n"))
		}
	}
}

const simSteps = 120

func (w *world) run() {
	w.lead()
	for range simSteps {
		w.step()
		if w.failure != "" {
			return
		}
	}
	w.comeToRest()
}

// step does one of the things that can happen.
func (w *world) step() {
	w.now = w.now.Add(time.Duration(w.random.IntN(400)) * time.Millisecond)
	switch n := w.random.IntN(100); {
	case n < 40:
		if w.process.work() {
			w.takeOver()
		}
	case n < 55:
		w.process.pods.Deliver(1 + w.random.IntN(4))
	case n < 62:
		w.process.sets.Deliver(1)
	case n < 75:
		w.kubelet()
	case n < 90:
		w.user()
	case n < 93:
		w.fate.CommitLate()
	case n < 94:
		w.process.pods.Relist()
	case n < 96:
		w.now = w.now.Add(time.Duration(w.random.IntN(30)) * time.Second)
	case n < 98:
		w.fate.KillAfter = 1 + w.random.IntN(4)
	default:
		w.takeOver()
	}
}

// takeOver lets another process lead. No write of the old one is carried out any more: the host's client sees to that, but for
// a request that is on the way for longer than the lease, which the simulation leaves out.
func (w *world) takeOver() {
	w.fate.DropLate()
	w.fate.KillAfter = 0
	w.lead()
}

// comeToRest ends the faults and lets everything happen that is still to happen.
func (w *world) comeToRest() {
	w.fate.Faults, w.fate.KillAfter = 0, 0
	for w.fate.CommitLate() {
	}
	p := w.process
	for end := w.now.Add(10 * time.Minute); w.now.Before(end) && w.failure == ""; {
		p.pods.Deliver(p.pods.Behind())
		p.sets.Deliver(p.sets.Behind())
		w.kubelets()
		next, ok := p.next()
		if p.pods.Behind() > 0 || ok && !next.After(w.now) {
			p.work()
			continue
		}
		if !ok {
			break
		}
		w.now = next
	}
	w.checkEnd()
}

func (w *world) checkEnd() {
	rs := w.set()
	var active, ready int32
	for _, pod := range w.allPods() {
		if w.counts(pod) {
			active++
			if podfacts.IsReady(pod) {
				ready++
			}
		}
	}
	if active != *rs.Spec.Replicas {
		w.failf("in the end there are %d pods, want %d", active, *rs.Spec.Replicas)
	}
	want := appsv1.ReplicaSetStatus{Replicas: active, FullyLabeledReplicas: active, ReadyReplicas: ready, AvailableReplicas: ready,
		TerminatingReplicas: ptr[int32](0), ObservedGeneration: rs.Generation}
	if diff := cmp.Diff(want, rs.Status, cmpopts.EquateEmpty()); diff != "" && w.failure == "" {
		w.failf("in the end the status is wrong (-want +got):\n%s", diff)
	}
}

// user does something that users do.
func (w *world) user() {
	pods := w.allPods()
	if n := w.random.IntN(10); n < 4 || len(pods) == 0 {
		w.scale()
		return
	} else if n == 4 {
		w.users++
		pod := newPod(fmt.Sprint("user-", w.users), orphan, func(p *corev1.Pod) { p.Spec.NodeName = "" })
		_, _ = w.server.Create("pods", pod) // the name is new
		w.logf("user makes pod %s", pod.Name)
		return
	}
	pod := pods[w.random.IntN(len(pods))]
	switch w.random.IntN(4) {
	case 0:
		w.logf("user deletes pod %s", pod.Name)
		w.endPod(pod)
	case 1:
		app := []string{"web", "db"}[w.random.IntN(2)]
		w.logf("user labels pod %s app=%s", pod.Name, app)
		w.changePod(pod.Name, func(p *corev1.Pod) { p.Labels = map[string]string{"app": app} })
	case 2:
		w.logf("user replaces pod %s by another of that name", pod.Name)
		_ = w.server.Remove("pods", pod.Namespace, pod.Name) // it is there
		_, _ = w.server.Create("pods", newPod(pod.Name, orphan, stranger))
	case 3:
		w.logf("user takes the owner from pod %s", pod.Name)
		w.changePod(pod.Name, func(p *corev1.Pod) { p.OwnerReferences = nil })
	}
}

func (w *world) scale() {
	replicas := int32(w.random.IntN(8))
	w.changeSet(func(rs *appsv1.ReplicaSet) {
		rs.Spec.Replicas = &replicas
		rs.Generation++
	})
	w.note(int64(replicas))
	w.logf("user scales to %d", replicas)
}

// kubelet does the next thing that happens to some pod on its way through life.
func (w *world) kubelet() {
	if pods := w.allPods(); len(pods) > 0 {
		pod := pods[w.random.IntN(len(pods))]
		switch n := w.random.IntN(6); {
		case pod.Spec.NodeName == "" || !podfacts.IsActive(pod):
			w.advance(pod)
		case n == 0:
			w.changePod(pod.Name, inPhase(corev1.PodFailed))
			w.logf("pod %s fails", pod.Name)
		case n < 3 && podfacts.IsReady(pod):
			w.changePod(pod.Name, func(p *corev1.Pod) { p.Status.Conditions = nil })
			w.logf("pod %s is not ready any more", pod.Name)
		default:
			w.advance(pod)
		}
	}
}

func (w *world) kubelets() {
	for _, pod := range w.allPods() {
		w.advance(pod)
	}
}

func (w *world) advance(pod *corev1.Pod) {
	switch {
	case pod.DeletionTimestamp != nil:
		_ = w.server.Remove("pods", pod.Namespace, pod.Name) // it is there
	case podfacts.IsEnded(pod) || podfacts.IsReady(pod):
	case pod.Spec.NodeName == "":
		w.changePod(pod.Name, func(p *corev1.Pod) { p.Spec.NodeName, p.Status.Phase = "node", corev1.PodPending })
	default:
		w.changePod(pod.Name, func(p *corev1.Pod) {
			p.Status.Phase = corev1.PodRunning
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(w.now.Truncate(time.Second))}}
		})
	}
}
