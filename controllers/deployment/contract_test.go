package deployment

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

func TestContract(t *testing.T) {
	controllertest.Run(t, Descriptor,
		newDeployment(2, historyOf(0), annotated(appsv1.DeprecatedRollbackTo, "0")),
		newSet("old", time.Hour, 2, 2), newSet("older", 2*time.Hour, 0, 2, orphan))
}

func TestContractWhenPodsMatter(t *testing.T) {
	set := newSet("old", time.Hour, 0, 2)
	controllertest.Run(t, Descriptor, newDeployment(2, recreate), set, newPod(set))
}
