package fakenodes

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestUsable(t *testing.T) {
	ready := []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	for _, test := range []struct {
		name       string
		conditions []corev1.NodeCondition
		taint      string
		want       string
	}{
		{name: "ready", conditions: ready},
		{name: "new", want: "node-0 is not ready"},
		{name: "not ready", conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionFalse}}, want: "node-0 is not ready"},
		{name: "still tainted", conditions: ready, taint: corev1.TaintNodeNotReady, want: "node-0 has the taint node.kubernetes.io/not-ready"},
		{name: "tainted by a user", conditions: ready, taint: "example.com/special"},
	} {
		t.Run(test.name, func(t *testing.T) {
			node := node("node-0")
			node.Status.Conditions = test.conditions
			if test.taint != "" {
				node.Spec.Taints = []corev1.Taint{{Key: test.taint, Effect: corev1.TaintEffectNoSchedule}}
			}
			err := usable(node)
			if got := message(err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRoomForManyPods(t *testing.T) {
	const want = 25_000
	if got := node("node-0").Status.Allocatable.Pods().Value(); got < want {
		t.Errorf("a node takes %d pods, want at least %d", got, want)
	}
}
