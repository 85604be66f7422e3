package together

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

const steps = 150

func (w *world) run() {
	w.lead(nil)
	for range steps {
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
	p := w.rolls
	if w.random.IntN(2) == 0 {
		p = w.scales
	}
	switch n := w.random.IntN(100); {
	case n < 42:
		if p.work() {
			w.takeOver(p)
		}
	case n < 66:
		w.deliver(p)
	case n < 79:
		w.kubelet()
	case n < 86:
		w.user()
	case n < 90:
		w.collect()
	case n < 92:
		w.commitLate(p)
	case n < 93:
		p.feeds()[w.random.IntN(3)].Relist()
	case n < 96:
		w.now = w.now.Add(time.Duration(w.random.IntN(20)) * time.Second)
	case n < 98:
		p.fate.KillAfter = 1 + w.random.IntN(4)
	default:
		w.takeOver(p)
	}
}

// deliver brings changes into one of the caches, which then knows how far it is.
func (w *world) deliver(p *process) {
	feed := p.feeds()[w.random.IntN(3)]
	feed.Deliver(1 + w.random.IntN(6))
	feed.Bookmark()
}

// takeOver lets another process lead what this one led. No write of the old one is carried out any more: the host's client sees to
// that, but for a request that is on the way for longer than the lease, which the simulation leaves out.
func (w *world) takeOver(p *process) {
	w.logf("a leader ends")
	w.lead(p)
}

// commitLate lets a write arrive that its sender has given up. The sender can't know of it until its cache shows it.
func (w *world) commitLate(p *process) {
	before := w.version()
	if !p.fate.CommitLate() {
		return
	}
	w.logf("a late write arrives")
	for _, set := range w.replicaSets() {
		if at := simulation.VersionOf(set.ResourceVersion); at > before {
			w.unknown[set.UID] = at
		}
	}
	w.checkTwins(w.setsOf(w.deployment().UID))
}

// collect does what garbage collection does: objects go whose owner is gone.
func (w *world) collect() {
	owners := map[types.UID]bool{"": true, w.deployment().UID: true}
	for _, set := range w.replicaSets() {
		if owners[ownership.ControllerUID(set)] {
			owners[set.UID] = true
		} else {
			w.remove(simulation.ReplicaSets, set)
			w.tampers(set)
		}
	}
	for _, pod := range w.pods() {
		if !owners[ownership.ControllerUID(pod)] {
			w.deletePod(pod)
		}
	}
}

// kubelet does the next thing that happens to some pod on its way through life.
func (w *world) kubelet() {
	pods := w.pods()
	if len(pods) == 0 {
		return
	}
	pod := pods[w.random.IntN(len(pods))]
	switch n := w.random.IntN(16); {
	case w.calm || pod.Spec.NodeName == "" || !podfacts.IsActive(pod):
		w.advance(pod)
	case n == 0:
		w.changePod(pod, func(p *corev1.Pod) { p.Status.Phase, p.Status.Conditions = corev1.PodFailed, nil })
		w.logf("pod %s fails", pod.Name)
	case n < 3 && podfacts.IsReady(pod):
		w.changePod(pod, func(p *corev1.Pod) { p.Status.Conditions = nil })
		w.logf("pod %s is not ready any more", pod.Name)
	default:
		w.advance(pod)
	}
}

func (w *world) kubelets() {
	for _, pod := range w.pods() {
		w.advance(pod)
	}
}

// brokenImage is of pods that never turn ready.
const brokenImage = "broken"

func (w *world) advance(pod *corev1.Pod) {
	switch {
	case pod.DeletionTimestamp != nil:
		w.remove(simulation.Pods, pod)
	case podfacts.IsEnded(pod) || podfacts.IsReady(pod):
	case pod.Spec.NodeName == "":
		w.changePod(pod, func(p *corev1.Pod) { p.Spec.NodeName, p.Status.Phase = "node", corev1.PodPending })
	case pod.Spec.Containers[0].Image == brokenImage:
	default:
		w.changePod(pod, func(p *corev1.Pod) {
			p.Status.Phase = corev1.PodRunning
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(w.now.Truncate(time.Second))}}
		})
	}
}
