package controllers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/randfill"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

func mustCutter(t testing.TB, fields controllers.PodFields) func(into, encoded []byte) ([]byte, bool) {
	t.Helper()
	cut, err := fields.Cutter()
	if err != nil {
		t.Fatal(err)
	}
	return cut
}

func encode(t testing.TB, pod *corev1.Pod) []byte {
	t.Helper()
	encoded, err := pod.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// decodeCut returns the pod that is decoded of what is cut of the encoded one.
func decodeCut(t testing.TB, cut func(into, encoded []byte) ([]byte, bool), encoded []byte) *corev1.Pod {
	t.Helper()
	rest, ok := cut(nil, encoded)
	if !ok {
		t.Fatal("a pod can't be read")
	}
	pod := &corev1.Pod{}
	if err := pod.Unmarshal(rest); err != nil {
		t.Fatalf("decode what is left of a pod: %v", err)
	}
	return pod
}

func TestCutLeavesWhatFieldsName(t *testing.T) {
	cut := mustCutter(t, controllers.PodFields{
		"metadata.annotations[example.com/a]", "spec.nodeName", "spec.containers.name", "spec.volumes.configMap.name", "status.conditions[Ready].status",
	})
	pod := fullPod()
	pod.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
	pod.Spec.Volumes = []corev1.Volume{
		{Name: "a", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "c"}}}},
		{Name: "b", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}
	want := bare(func(p *corev1.Pod) {
		p.Annotations = map[string]string{"example.com/a": "1"}
		p.Spec.NodeName = "node"
		p.Spec.Containers = []corev1.Container{{Name: "app"}, {Name: "log"}}
		p.Spec.Volumes = []corev1.Volume{{VolumeSource: pod.Spec.Volumes[0].VolumeSource}, {}}
		p.Status.Conditions = []corev1.PodCondition{{Type: "Ready", Status: "True"}}
	})
	if diff := cmp.Diff(want, decodeCut(t, cut, encode(t, pod))); diff != "" {
		t.Errorf("what is left (-want +got)\n%s", diff)
	}
}

// variety has fields of each kind, and such as are inlined.
func variety() controllers.PodFields {
	return controllers.PodFields{
		"kind", "metadata.annotations[a]", "metadata.creationTimestamp", "metadata.deletionGracePeriodSeconds", "metadata.labels",
		"metadata.managedFields.fieldsV1", "spec.containers.name", "spec.containers[app].image", "spec.containers.resources.limits[cpu]",
		"spec.containers.livenessProbe.httpGet.port", "spec.ephemeralContainers.image", "spec.initContainers[init].env.value",
		"spec.initContainers[init].restartPolicy", "spec.nodeName", "spec.tolerations.tolerationSeconds", "spec.volumes.configMap.items.path",
		"spec.volumes[data].emptyDir", "status.conditions[Ready].lastTransitionTime", "status.containerStatuses.state.running.startedAt",
		"status.podIPs", "status.phase",
	}
}

// TestCutLosesNothing holds what is decoded of the rest of a pod against what is decoded of all of it.
func TestCutLosesNothing(t *testing.T) {
	for seed := range int64(200) {
		pod := randomPod(seed)
		for _, path := range variety() {
			holdCutAgainstWhole(t, controllers.PodFields{path}, pod)
		}
		holdCutAgainstWhole(t, variety(), pod)
		holdCutAgainstWhole(t, nil, pod)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func holdCutAgainstWhole(t testing.TB, fields controllers.PodFields, pod *corev1.Pod) {
	t.Helper()
	copyFields, err := fields.Copier()
	if err != nil {
		t.Fatal(err)
	}
	encoded := encode(t, pod)
	whole, got, want := &corev1.Pod{}, &corev1.Pod{}, &corev1.Pod{}
	if err := whole.Unmarshal(encoded); err != nil {
		t.Fatal(err)
	}
	copyFields(want, whole)
	copyFields(got, decodeCut(t, mustCutter(t, fields), encoded))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q of a pod that was cut (-want +got)\n%s", fields, diff)
	}
}

// randomPod returns a pod with anything in any of its fields, and some of the keys that variety names.
func randomPod(seed int64) *corev1.Pod {
	fill := randfill.NewWithSeed(seed).NilChance(0.3).NumElements(0, 3).MaxDepth(12).Funcs(
		func(f *metav1.FieldsV1, c randfill.Continue) { f.SetRawBytes([]byte(c.String(0))) },
		func(kind *corev1.PodConditionType, c randfill.Continue) {
			*kind = pick(c, corev1.PodReady, corev1.PodScheduled)
		},
		func(labels *map[string]string, c randfill.Continue) {
			*labels = map[string]string{pick(c, "a", "b"): c.String(0)}
		},
		func(container *corev1.Container, c randfill.Continue) {
			c.FillNoCustom(container)
			container.Name = pick(c, "app", "init", "")
		},
		func(volume *corev1.Volume, c randfill.Continue) {
			c.FillNoCustom(volume)
			volume.Name = pick(c, "data", "token")
		},
	)
	pod := &corev1.Pod{}
	fill.Fill(pod)
	return pod
}

func pick[T any](c randfill.Continue, from ...T) T {
	return from[c.Intn(len(from))]
}

func TestCutTellsOfWhatItCantRead(t *testing.T) {
	cut := mustCutter(t, controllers.PodFields{"spec.nodeName", "status.conditions[Ready].status"})
	encoded := encode(t, fullPod())
	for length := 1; length < len(encoded); length++ {
		rest, ok := cut(nil, encoded[:length])
		if err := (&corev1.Pod{}).Unmarshal(encoded[:length]); err != nil && ok {
			if (&corev1.Pod{}).Unmarshal(rest) == nil {
				t.Errorf("nothing tells that only %d bytes of %d are there", length, len(encoded))
			}
		}
	}
}

// FuzzCut looks for bytes that stop the process, and for pods that are decoded otherwise when they have been cut.
func FuzzCut(f *testing.F) {
	f.Add(encode(f, fullPod()))
	f.Add([]byte{0x0a})
	f.Add([]byte{0x0b, 0x0c})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		pod := &corev1.Pod{}
		if pod.Unmarshal(encoded) != nil {
			mustCutter(t, variety())(nil, encoded)
			return
		}
		holdCutAgainstWhole(t, variety(), pod)
	})
}
