package replicaset

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Reasons of events. Those of failures are also reasons of the condition ReplicaFailure.
const (
	successfulCreate = "SuccessfulCreate"
	failedCreate     = "FailedCreate"
	successfulDelete = "SuccessfulDelete"
	failedDelete     = "FailedDelete"
)

// sayFailure tells of a failure unless that has been told and nothing has changed since.
func (e *Engine) sayFailure(o observation, m *memory, reason, class, message string) {
	if m.told.News(reason, class, o.now) {
		e.say(o.replicaSet, corev1.EventTypeWarning, reason, message)
	}
}

// podsMessage names the pods, or some of them if they are many.
func podsMessage(did string, pods []*corev1.Pod) string {
	const most = 10 // keeps the message well below the 1 KiB that it may have
	if len(pods) == 1 {
		return fmt.Sprintf("%s pod: %s", did, pods[0].Name)
	}
	list := make([]string, 0, most)
	for _, pod := range pods[:min(most, len(pods))] {
		list = append(list, pod.Name)
	}
	if len(pods) > most {
		list = append(list, "...")
	}
	return fmt.Sprintf("%s %d pods: %s", did, len(pods), strings.Join(list, ", "))
}
