package controllertest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func aPod() *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "a", Annotations: map[string]string{"declared": "1", "other": "2"}},
		Spec:       corev1.PodSpec{NodeName: "node", Containers: []corev1.Container{{Name: "app", Image: "image"}}},
		Status:     corev1.PodStatus{HostIP: "10.0.0.1", Conditions: []corev1.PodCondition{{Type: "Ready", Status: "True", Reason: "Because"}}},
	}
}

// podReader makes the sample write into each ConfigMap what read says of the pod of its name, of which it declares the fields.
func podReader(fields controllers.PodFields, read func(*corev1.Pod) string) bad {
	var s *sample
	return bad{
		descriptor: func(d *controllers.Descriptor) { d.Pods = fields },
		atNew: func(env controllers.Env) error {
			env.Informers.Core().V1().Pods().Informer()
			return nil
		},
		run: func(ctx context.Context, running *sample) error {
			s = running
			return s.worker.Run(ctx)
		},
		reconcile: func(ctx context.Context, key worker.Key) (worker.Result, error) {
			informers := s.env.Informers.Core().V1()
			pod, err := informers.Pods().Lister().Pods(key.Namespace).Get(key.Name)
			if err != nil {
				return worker.Result{}, err
			}
			cm, err := informers.ConfigMaps().Lister().ConfigMaps(key.Namespace).Get(key.Name)
			if err != nil || cm.Annotations[annotation] != "" {
				return worker.Result{}, err
			}
			cm = cm.DeepCopy()
			metav1.SetMetaDataAnnotation(&cm.ObjectMeta, annotation, "seen "+read(pod))
			_, err = s.env.Client.CoreV1().ConfigMaps(key.Namespace).Update(ctx, cm, metav1.UpdateOptions{})
			return worker.Result{}, err
		},
	}
}

func badPodReaders() []badController {
	declared := controllers.PodFields{"spec.nodeName", "spec.containers.name", "metadata.annotations[declared]", "status.conditions[Ready].status"}
	reader := func(read func(*corev1.Pod) string) bad { return podReader(declared, read) }
	return []badController{
		{name: "another field", bad: reader(func(p *corev1.Pod) string { return p.Status.HostIP }), want: "Pods doesn't declare status.hostIP of pods"},
		{name: "a field that no pod of the test has", bad: reader(func(p *corev1.Pod) string { return p.Spec.Hostname }), want: "Pods doesn't declare spec.hostname of pods"},
		{name: "another field of items", bad: reader(func(p *corev1.Pod) string { return p.Spec.Containers[0].Image }), want: "Pods doesn't declare spec.containers of pods"},
		{name: "another key", bad: reader(func(p *corev1.Pod) string { return p.Annotations["other"] }), want: "Pods doesn't declare metadata.annotations of pods"},
		{name: "how many keys there are", bad: reader(func(p *corev1.Pod) string { return fmt.Sprint(len(p.Annotations)) }), want: "metadata.annotations"},
		{name: "another field of the item with the key", bad: reader(func(p *corev1.Pod) string {
			return p.Status.Conditions[len(p.Status.Conditions)-1].Reason
		}), want: "status.conditions"},
		{name: "in two fields", bad: reader(func(p *corev1.Pod) string { return p.Spec.Hostname + p.Status.HostIP }), want: "Pods doesn't declare s"},
	}
}

func TestReadersOfWhatTheyDeclarePass(t *testing.T) {
	for name, b := range map[string]bad{
		"a field":          podReader(controllers.PodFields{"spec.nodeName"}, func(p *corev1.Pod) string { return p.Spec.NodeName }),
		"a field of items": podReader(controllers.PodFields{"spec.containers.image"}, func(p *corev1.Pod) string { return p.Spec.Containers[0].Image }),
		"a key":            podReader(controllers.PodFields{"metadata.annotations[other]"}, func(p *corev1.Pod) string { return p.Annotations["other"] }),
		"identity":         podReader(controllers.PodFields{}, func(p *corev1.Pod) string { return p.Name }),
		"all":              podReader(nil, func(p *corev1.Pod) string { return p.Status.HostIP }),
		"chance":           podReader(controllers.PodFields{}, func(*corev1.Pod) string { return fmt.Sprint(rand.IntN(3)) }),
	} {
		t.Run(name, func(t *testing.T) {
			if r := tryOne(t, "Pods declares what is read of pods", b); len(r.breaches) > 0 {
				t.Errorf("breaches %q, want none", r.breaches)
			}
		})
	}
}

func TestWithoutPodsNothingIsProven(t *testing.T) {
	c := candidate{descriptor: sampleOf(podReader(controllers.PodFields{}, func(p *corev1.Pod) string { return p.Status.HostIP }))}
	r := &report{}
	podsDeclaresReads(t, c, r)
	if diff := cmp.Diff([]string{"Pods declares what is read of pods, and there are none: give Run some, on which the controller has something to do"}, r.notes); diff != "" {
		t.Errorf("notes (-want +got)\n%s", diff)
	}
}

func TestDisguiseKeepsNothingElse(t *testing.T) {
	pod := aPod()
	disguised := Disguise(pod, controllers.PodFields{"spec.nodeName", "status.conditions[Ready].status"})
	got := []string{disguised.Name, disguised.Spec.NodeName, string(disguised.Status.Conditions[0].Type), string(disguised.Status.Conditions[0].Status)}
	if diff := cmp.Diff([]string{"a", "node", "Ready", "True"}, got); diff != "" {
		t.Errorf("declared fields (-want +got)\n%s", diff)
	}
	for what, kept := range map[string]bool{
		"a string": disguised.Status.HostIP == pod.Status.HostIP, "an empty string": disguised.Spec.Hostname == "",
		"a field of an item": disguised.Status.Conditions[0].Reason == "Because", "an empty map": disguised.Labels == nil,
		"an empty list": disguised.Spec.Volumes == nil, "a time": disguised.CreationTimestamp.IsZero(), "a pointer": disguised.DeletionTimestamp == nil,
		"a number": disguised.Generation == 0, "a truth": !disguised.Spec.HostNetwork, "a value of a map": disguised.Annotations["other"] == "2",
	} {
		if kept {
			t.Errorf("%s that isn't declared is as it was", what)
		}
	}
}
