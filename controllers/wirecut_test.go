package controllers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

func mustCutter(t testing.TB, fields controllers.PodFields) *controllers.PodCutter {
	t.Helper()
	cutter, err := fields.Cutter()
	if err != nil {
		t.Fatal(err)
	}
	return cutter
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
func decodeCut(t testing.TB, cutter *controllers.PodCutter, encoded []byte) *corev1.Pod {
	t.Helper()
	rest, ok := cutter.Cut(nil, encoded)
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
	cutter := mustCutter(t, controllers.PodFields{
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
	if diff := cmp.Diff(want, decodeCut(t, cutter, encode(t, pod))); diff != "" {
		t.Errorf("what is left (-want +got)\n%s", diff)
	}
}

// variety has fields of each kind, and such as are inlined.
func variety() controllers.PodFields {
	return controllers.PodFields{
		"kind", "metadata.annotations[a]", "metadata.creationTimestamp", "metadata.deletionGracePeriodSeconds", "metadata.labels",
		"metadata.managedFields.fieldsV1", "spec.containers.name", "spec.containers[app].image", "spec.containers.resources.limits[cpu]",
		"spec.containers.livenessProbe.httpGet.port", "spec.ephemeralContainers[app].image", "spec.initContainers[init].env.value",
		"spec.initContainers[init].restartPolicy", "spec.nodeName", "spec.tolerations.tolerationSeconds", "spec.volumes.configMap.items.path",
		"spec.volumes[data].emptyDir", "status.conditions[Ready].lastTransitionTime", "status.containerStatuses.state.running.startedAt",
		"status.podIPs", "status.phase",
	}
}

// TestCutLosesNothing holds what is decoded of the rest of a pod against what is decoded of all of it.
func TestCutLosesNothing(t *testing.T) {
	for seed := range int64(200) {
		encoded := encode(t, randomPod(seed))
		for _, path := range variety() {
			holdCutAgainstWhole(t, controllers.PodFields{path}, encoded)
		}
		holdCutAgainstWhole(t, variety(), encoded)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func holdCutAgainstWhole(t testing.TB, fields controllers.PodFields, encoded []byte) {
	t.Helper()
	cutter := mustCutter(t, fields)
	whole, want := &corev1.Pod{}, &corev1.Pod{}
	if err := whole.Unmarshal(encoded); err != nil {
		t.Fatal(err)
	}
	copier(t, fields)(want, whole)
	got := decodeCut(t, cutter, encoded)
	if !cutter.Exact() {
		rest := got
		got = &corev1.Pod{}
		copier(t, fields)(got, rest)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q of a pod that was cut (-want +got)\n%s", fields, diff)
	}
}

func TestCutIsExact(t *testing.T) {
	for _, tc := range []struct {
		fields controllers.PodFields
		want   bool
	}{
		{controllers.PodFields{"spec.containers.name"}, true},
		{controllers.PodFields{"spec.containers[app].image"}, true},
		{controllers.PodFields{"spec.volumes[data].emptyDir"}, true},
		{controllers.PodFields{"spec.containers.name", "spec.containers[app].image"}, false},
		{controllers.PodFields{"spec.containers.name", "spec.containers[app].image", "spec.containers"}, true},
		{controllers.PodFields{"spec.containers.ports", "spec.ephemeralContainers[app].image"}, false},
		{controllers.PodFields{"spec.containers.env.name", "spec.containers.env[A].value"}, false},
		{controllers.PodFields{"spec.containers[app].env.name", "spec.containers[app].env[A].value"}, false},
	} {
		if got := mustCutter(t, tc.fields).Exact(); got != tc.want {
			t.Errorf("%q: exact is %v, want %v", tc.fields, got, tc.want)
		}
	}
}

func TestWholePodsAreNotCut(t *testing.T) {
	if _, err := (controllers.PodFields)(nil).Cutter(); err == nil {
		t.Error("there is a cutter that leaves whole pods")
	}
}

func TestCutTellsOfWhatItCantRead(t *testing.T) {
	cutter := mustCutter(t, controllers.PodFields{"spec.nodeName", "status.conditions[Ready].status"})
	encoded := encode(t, fullPod())
	for length := 1; length < len(encoded); length++ {
		wholeErr := (&corev1.Pod{}).Unmarshal(encoded[:length])
		rest, ok := cutter.Cut(nil, encoded[:length])
		if wholeErr != nil && ok && (&corev1.Pod{}).Unmarshal(rest) == nil {
			t.Errorf("nothing tells that only %d bytes of %d are there", length, len(encoded))
		}
	}
}

// FuzzCut looks for bytes that stop the process, and for pods that are decoded otherwise when they have been cut.
func FuzzCut(f *testing.F) {
	f.Add(encode(f, fullPod()))
	f.Add([]byte{0x0a})
	f.Add([]byte{0x0b, 0x0c})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		_, ok := mustCutter(t, variety()).Cut(nil, encoded)
		if ok && (&corev1.Pod{}).Unmarshal(encoded) == nil {
			holdCutAgainstWhole(t, variety(), encoded)
		}
	})
}
