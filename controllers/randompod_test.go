package controllers_test

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/randfill"
)

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
		func(container *corev1.EphemeralContainer, c randfill.Continue) {
			c.FillNoCustom(container)
			container.Name = pick(c, "app", "debug")
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
