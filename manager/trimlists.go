package manager

import corev1 "k8s.io/api/core/v1"

// trimLists takes from the lists of a pod the room for more: a decoder, which doesn't know how long a list will be, makes up to twice the
// room. Conditions have none, since their words are shared in lists of their own.
func trimLists(pod *corev1.Pod) {
	trim(&pod.Finalizers)
	trim(&pod.Spec.Volumes)
	trim(&pod.Spec.InitContainers)
	trim(&pod.Spec.Containers)
	trim(&pod.Spec.EphemeralContainers)
	trim(&pod.Spec.Tolerations)
	trim(&pod.Spec.ReadinessGates)
	trim(&pod.Status.HostIPs)
	trim(&pod.Status.PodIPs)
	trim(&pod.Status.InitContainerStatuses)
	trim(&pod.Status.ContainerStatuses)
	trim(&pod.Status.EphemeralContainerStatuses)
}

func trim[T any](list *[]T) {
	if cap(*list) > len(*list) {
		*list = append(make([]T, 0, len(*list)), *list...)
	}
}
