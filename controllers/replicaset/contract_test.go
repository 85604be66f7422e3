package replicaset

import (
	"testing"

	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

func TestContract(t *testing.T) {
	controllertest.Run(t, Descriptor, newReplicaSet(2), newPod("own"), newPod("orphan", orphan), newPod("stray", stranger))
}
