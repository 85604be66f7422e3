package podsync

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

// termStart is when the terms of the tables begin, and when the clock of a synctest bubble starts. Times of pods are in seconds
// since then.
var termStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func at(seconds int) metav1.Time {
	return metav1.NewTime(termStart.Add(time.Duration(seconds) * time.Second))
}

type option func(*corev1.Pod)

// newPod returns a pod of one container that was created ten seconds after the term began.
func newPod(options ...option) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "1", CreationTimestamp: at(10)},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}},
		Status: corev1.PodStatus{
			Phase:             corev1.PodPending,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "app"}},
		},
	}
	for _, option := range options {
		option(pod)
	}
	return pod
}

func created(seconds int) option {
	return func(p *corev1.Pod) { p.CreationTimestamp = at(seconds) }
}

func named(name string) option {
	return func(p *corev1.Pod) { p.Name = name }
}

func inNamespace(namespace string) option {
	return func(p *corev1.Pod) { p.Namespace = namespace }
}

func labelled(tier string) option {
	return func(p *corev1.Pod) { p.Labels = map[string]string{"tier": tier} }
}

func uid(uid types.UID) option {
	return func(p *corev1.Pod) { p.UID = uid }
}

func phase(phase corev1.PodPhase) option {
	return func(p *corev1.Pod) { p.Status.Phase = phase }
}

func conditionIs(of corev1.PodConditionType, status corev1.ConditionStatus, reason string, seconds int) option {
	return func(p *corev1.Pod) {
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{
			Type: of, Status: status, Reason: reason, LastTransitionTime: at(seconds),
		})
	}
}

func onNode(seconds int) option {
	return func(p *corev1.Pod) {
		p.Spec.NodeName = "node-1"
		conditionIs(corev1.PodScheduled, corev1.ConditionTrue, "", seconds)(p)
	}
}

func notScheduled(reason string) option {
	return conditionIs(corev1.PodScheduled, corev1.ConditionFalse, reason, 10)
}

// running is what the kubelet reports of a container that runs since then.
func running(seconds int) option {
	return func(p *corev1.Pod) {
		p.Status.Phase = corev1.PodRunning
		p.Status.ContainerStatuses[0].State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(seconds)}}
	}
}

func isReady(seconds int) option {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].Ready = true
		conditionIs(corev1.PodReady, corev1.ConditionTrue, "", seconds)(p)
	}
}

// unready is the Ready condition of a pod that the kubelet took on at one time, and that is not ready since another.
func unready(accepted, since int) option {
	return func(p *corev1.Pod) {
		start := at(accepted)
		p.Status.StartTime = &start
		conditionIs(corev1.PodReady, corev1.ConditionFalse, "", since)(p)
	}
}

func restarts(n int32) option {
	return func(p *corev1.Pod) { p.Status.ContainerStatuses[0].RestartCount = n }
}

func waiting(reason string) option {
	return func(p *corev1.Pod) { p.Status.ContainerStatuses[0].State = waitingState(reason) }
}

func waitingState(reason string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
}

func lastStarted(seconds int) option {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{StartedAt: at(seconds)}
	}
}

func initContainer(c corev1.Container, s corev1.ContainerStatus) option {
	return func(p *corev1.Pod) {
		p.Spec.InitContainers = append(p.Spec.InitContainers, c)
		p.Status.InitContainerStatuses = append(p.Status.InitContainerStatuses, s)
	}
}

func sidecar(s corev1.ContainerStatus) option {
	always := corev1.ContainerRestartPolicyAlways
	return initContainer(corev1.Container{Name: s.Name, RestartPolicy: &always}, s)
}

// deleted is the metadata of a pod whose grace period ends then.
func deleted(graceEnds int) option {
	return func(p *corev1.Pod) {
		end := at(graceEnds)
		p.DeletionTimestamp = &end
	}
}

// disguised returns what is the same pod to whoever reads no more of it than podsync declares. Nil stays nil.
func disguised(pod *corev1.Pod) *corev1.Pod {
	if pod == nil {
		return nil
	}
	return controllertest.Disguise(pod, podFields())
}
