package replicaset

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestStatusPatchSaysWhatDiffers(t *testing.T) {
	one, two := int32(1), int32(2)
	rs := newReplicaSet(3)
	rs.UID, rs.ResourceVersion = "uid", "7"
	rs.Status = appsv1.ReplicaSetStatus{Replicas: 3, ReadyReplicas: 1, TerminatingReplicas: &one, ObservedGeneration: 4}
	failing := []appsv1.ReplicaSetCondition{{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue}}
	tests := []struct {
		name   string
		change func(*appsv1.ReplicaSetStatus)
		want   string
	}{
		{"numbers", func(s *appsv1.ReplicaSetStatus) { s.Replicas, s.ReadyReplicas, s.TerminatingReplicas = 2, 0, &two }, `[` +
			`{"op":"test","path":"/metadata/uid","value":"uid"},` +
			`{"op":"add","path":"/status/replicas","value":2},` +
			`{"op":"add","path":"/status/readyReplicas","value":0},` +
			`{"op":"add","path":"/status/terminatingReplicas","value":2}]`},
		{"the rest of the numbers", func(s *appsv1.ReplicaSetStatus) {
			s.FullyLabeledReplicas, s.AvailableReplicas, s.ObservedGeneration = 1, 1, 5
		}, `[` +
			`{"op":"test","path":"/metadata/uid","value":"uid"},` +
			`{"op":"add","path":"/status/fullyLabeledReplicas","value":1},` +
			`{"op":"add","path":"/status/availableReplicas","value":1},` +
			`{"op":"add","path":"/status/observedGeneration","value":5}]`},
		{"conditions, if they are as seen", func(s *appsv1.ReplicaSetStatus) { s.Conditions = failing }, `[` +
			`{"op":"test","path":"/metadata/uid","value":"uid"},` +
			`{"op":"test","path":"/metadata/resourceVersion","value":"7"},` +
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
