package replicaset

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestStatusPatch(t *testing.T) {
	one, two := int32(1), int32(2)
	rs := newReplicaSet(3)
	rs.UID, rs.ResourceVersion = "uid", "7"
	rs.Status = appsv1.ReplicaSetStatus{Replicas: 3, ReadyReplicas: 1, TerminatingReplicas: &one, ObservedGeneration: 4}
	failing := []appsv1.ReplicaSetCondition{{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue}}
	numbers := func(replicas, labeled, ready, available, terminating, generation int) string {
		text := `{"op":"add","path":"/status/replicas","value":%d},` +
			`{"op":"add","path":"/status/fullyLabeledReplicas","value":%d},` +
			`{"op":"add","path":"/status/readyReplicas","value":%d},` +
			`{"op":"add","path":"/status/availableReplicas","value":%d},` +
			`{"op":"add","path":"/status/terminatingReplicas","value":%d},` +
			`{"op":"add","path":"/status/observedGeneration","value":%d}`
		return fmt.Sprintf(text, replicas, labeled, ready, available, terminating, generation)
	}
	const uid = `{"op":"test","path":"/metadata/uid","value":"uid"},`
	tests := []struct {
		name   string
		change func(*appsv1.ReplicaSetStatus)
		want   string
	}{
		{"all numbers if one differs", func(s *appsv1.ReplicaSetStatus) { s.TerminatingReplicas = &two }, `[` + uid + numbers(3, 0, 1, 0, 2, 4) + `]`},
		{"all numbers", func(s *appsv1.ReplicaSetStatus) {
			s.Replicas, s.FullyLabeledReplicas, s.ReadyReplicas, s.AvailableReplicas, s.ObservedGeneration = 5, 4, 3, 2, 6
		}, `[` + uid + numbers(5, 4, 3, 2, 1, 6) + `]`},
		{"conditions, if they are as seen", func(s *appsv1.ReplicaSetStatus) { s.Conditions = failing }, `[` + uid + numbers(3, 0, 1, 0, 1, 4) +
			`,{"op":"test","path":"/metadata/resourceVersion","value":"7"},` +
			`{"op":"add","path":"/status/conditions","value":[{"type":"ReplicaFailure","status":"True","lastTransitionTime":null}]}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status := rs.Status.DeepCopy()
			tt.change(status)
			text, err := statusPatch(rs, status).Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(text)); diff != "" {
				t.Errorf("patch (-want +got):\n%s", diff)
			}
		})
	}
}
