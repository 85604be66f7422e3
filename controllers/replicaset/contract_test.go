package replicaset

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

func TestContract(t *testing.T) {
	controllertest.Run(t, Descriptor, newReplicaSet(2),
		newPod("own"), newPod("orphan", orphan), newPod("stray", stranger), newPod("ready", readyFor(time.Hour)), newPod("ended", inPhase(corev1.PodFailed)))
}
