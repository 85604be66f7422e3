package podsync

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

func TestContract(t *testing.T) {
	controllertest.Run(t, Descriptor,
		newPod(named("ready"), uid("1"), onNode(11), running(12), isReady(13), restarts(1), lastStarted(11), labelled("front")),
		newPod(named("stuck"), uid("2"), waiting("ImagePullBackOff"), sidecar(corev1.ContainerStatus{Name: "proxy", Ready: true, RestartCount: 2})),
		newPod(named("ending"), uid("3"), unready(11, 20), deleted(30)),
		newPod(named("unscheduled"), uid("4"), notScheduled(corev1.PodReasonUnschedulable)),
	)
}
