package controllers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// fullPod returns a pod that has something of each kind of field.
func fullPod() *corev1.Pod {
	always := corev1.ContainerRestartPolicyAlways
	started := metav1.NewTime(time.Unix(1000, 0))
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "web", UID: "uid", ResourceVersion: "7", GenerateName: "we",
			Labels: map[string]string{"app": "web"}, Annotations: map[string]string{"example.com/a": "1", "b": "2"},
			OwnerReferences: []metav1.OwnerReference{{Name: "owner"}},
		},
		Spec: corev1.PodSpec{
			NodeName:       "node",
			InitContainers: []corev1.Container{{Name: "sidecar", RestartPolicy: &always, Image: "i"}},
			Containers:     []corev1.Container{{Name: "app", Image: "i"}, {Name: "log", Image: "j"}},
		},
		Status: corev1.PodStatus{
			Phase:      corev1.PodRunning,
			Conditions: []corev1.PodCondition{{Type: "Initialized", Status: "True"}, {Type: "Ready", Status: "True", Reason: "R"}},
			ContainerStatuses: []corev1.ContainerStatus{
				{Name: "app", RestartCount: 3, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}}}, {Name: "log"},
			},
		},
	}
}

// bare returns what is kept of fullPod at any rate.
func bare(change func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "web", UID: "uid", ResourceVersion: "7", OwnerReferences: []metav1.OwnerReference{{Name: "owner"}},
	}}
	change(pod)
	return pod
}

func TestPodFieldsCopyWhatTheyName(t *testing.T) {
	full := fullPod()
	for _, tc := range []struct {
		name   string
		fields controllers.PodFields
		want   *corev1.Pod
	}{
		{"nil: all", nil, full},
		{"none", controllers.PodFields{}, bare(func(*corev1.Pod) {})},
		{"a string", controllers.PodFields{"spec.nodeName"}, bare(func(p *corev1.Pod) { p.Spec.NodeName = "node" })},
		{"a struct", controllers.PodFields{"spec"}, bare(func(p *corev1.Pod) { p.Spec = full.Spec })},
		{"a map", controllers.PodFields{"metadata.labels"}, bare(func(p *corev1.Pod) { p.Labels = full.Labels })},
		{"a key", controllers.PodFields{"metadata.annotations[example.com/a]"}, bare(func(p *corev1.Pod) {
			p.Annotations = map[string]string{"example.com/a": "1"}
		})},
		{"a key that isn't there", controllers.PodFields{"metadata.annotations[c]"}, bare(func(*corev1.Pod) {})},
		{"an item", controllers.PodFields{"status.conditions[Ready]"}, bare(func(p *corev1.Pod) { p.Status.Conditions = full.Status.Conditions[1:] })},
		{"a field of an item", controllers.PodFields{"status.conditions[Ready].status"}, bare(func(p *corev1.Pod) {
			p.Status.Conditions = []corev1.PodCondition{{Type: "Ready", Status: "True"}}
		})},
		{"a field of each item", controllers.PodFields{"spec.containers.name"}, bare(func(p *corev1.Pod) {
			p.Spec.Containers = []corev1.Container{{Name: "app"}, {Name: "log"}}
		})},
		{"a field of each item, and another of one", controllers.PodFields{"spec.containers.name", "spec.containers[log].image"}, bare(func(p *corev1.Pod) {
			p.Spec.Containers = []corev1.Container{{Name: "app"}, {Name: "log", Image: "j"}}
		})},
		{"behind a pointer", controllers.PodFields{"status.containerStatuses.state.running.startedAt"}, bare(func(p *corev1.Pod) {
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{State: full.Status.ContainerStatuses[0].State}, {}}
		})},
		{"a part, then the whole", controllers.PodFields{"spec.containers.name", "spec.containers"}, bare(func(p *corev1.Pod) { p.Spec.Containers = full.Spec.Containers })},
		{"the whole, then a part", controllers.PodFields{"spec.containers", "spec.containers.name"}, bare(func(p *corev1.Pod) { p.Spec.Containers = full.Spec.Containers })},
	} {
		t.Run(tc.name, func(t *testing.T) {
			copyFields := copier(t, tc.fields)
			got := &corev1.Pod{}
			copyFields(got, full)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("copy (-want +got)\n%s", diff)
			}
			again := &corev1.Pod{}
			copyFields(again, got)
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("copy of the copy (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(fullPod(), full); diff != "" {
				t.Errorf("the pod was changed (-want +got)\n%s", diff)
			}
		})
	}
}

func copier(t testing.TB, fields controllers.PodFields) func(into, from *corev1.Pod) {
	t.Helper()
	copyFields, err := fields.Copier()
	if err != nil {
		t.Fatal(err)
	}
	return copyFields
}

func TestPodFieldsLeaveTheRest(t *testing.T) {
	other := func() *corev1.Pod {
		pod := fullPod()
		pod.Namespace, pod.Spec.NodeName, pod.Spec.Hostname = "other", "other", "other"
		pod.Annotations = map[string]string{"example.com/a": "other", "b": "other", "c": "other"}
		pod.Status.Conditions[0].Status, pod.Status.Conditions[1].Status, pod.Status.Conditions[1].Reason = "other", "other", "other"
		pod.Status.ContainerStatuses[0].RestartCount, pod.Status.ContainerStatuses[0].Image = 9, "other"
		pod.Status.ContainerStatuses[0].State.Running.StartedAt = metav1.Time{}
		return pod
	}
	got, want := other(), other()
	copier(t, controllers.PodFields{
		"spec.nodeName", "metadata.annotations[example.com/a]", "metadata.annotations[c]", "status.conditions[Ready].status",
		"status.containerStatuses.restartCount", "status.containerStatuses.state.running.startedAt",
	})(got, fullPod())
	want.Namespace, want.Spec.NodeName = "shop", "node"
	want.Annotations = map[string]string{"example.com/a": "1", "b": "other"}
	want.Status.Conditions[1].Status = "True"
	want.Status.ContainerStatuses[0].RestartCount = 3
	want.Status.ContainerStatuses[0].State = fullPod().Status.ContainerStatuses[0].State
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pod (-want +got)\n%s", diff)
	}
}

func TestPodFieldsThatPodsLack(t *testing.T) {
	for path, want := range map[string]string{
		"":                                  `"" ends before it names a field of pods`,
		"spec.":                             `"spec." ends before it names a field of pods`,
		"status.contaners":                  `pods have no field "status.contaners": v1.PodStatus has no "contaners"`,
		"spec.nodeName.length":              `string has no "length"`,
		"metadata.labels.app":               `map[string]string has no "app"`,
		"metadata.labels[app":               "a ] is missing",
		"metadata.labels[app].x":            "map[string]string is wanted in part",
		"status.containerStatuses[app]":     "have no key that is a string",
		"spec.containers.ports[8080]":       "have no key that is a string",
		"spec.containers.args[a]":           "have no key that is a string",
		"metadata.finalizers[x]":            "have no key that is a string",
		"metadata.labels[a]b":               `a . is missing before "b"`,
		"metadata.managedFields.fieldsV1.-": `v1.FieldsV1 has no "-"`,
		"metadata.creationTimestamp.second": `v1.Time has no "second"`,
		"labels":                            `v1.Pod has no "labels"`,
	} {
		t.Run(path, func(t *testing.T) {
			if _, err := (controllers.PodFields{path}).Copier(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
		})
	}
}

func TestUnionOfPodFields(t *testing.T) {
	a, b := controllers.PodFields{"spec.nodeName", "status.phase"}, controllers.PodFields{"status.phase", "metadata.labels"}
	for _, tc := range []struct {
		name string
		all  []controllers.PodFields
		want controllers.PodFields
	}{
		{"of none", nil, controllers.PodFields{}},
		{"of two", []controllers.PodFields{a, b}, controllers.PodFields{"metadata.labels", "spec.nodeName", "status.phase"}},
		{"with one that wants all", []controllers.PodFields{a, nil}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, controllers.UnionOfPodFields(tc.all...)); diff != "" {
				t.Errorf("union (-want +got)\n%s", diff)
			}
		})
	}
}
