package podsync

import "github.com/6ead2ce0/wheelhouse/controllers"

// podFields are what observations, reasons and times are made from.
func podFields() controllers.PodFields {
	return controllers.PodFields{
		"metadata.creationTimestamp",
		"metadata.deletionTimestamp",
		"metadata.labels",
		"spec.containers.name",
		"spec.initContainers.name",
		"spec.initContainers.restartPolicy",
		"spec.nodeName",
		"status.conditions[PodScheduled].lastTransitionTime",
		"status.conditions[PodScheduled].reason",
		"status.conditions[PodScheduled].status",
		"status.conditions[Ready].lastTransitionTime",
		"status.conditions[Ready].status",
		"status.containerStatuses.lastState.terminated.startedAt",
		"status.containerStatuses.ready",
		"status.containerStatuses.restartCount",
		"status.containerStatuses.state.running.startedAt",
		"status.containerStatuses.state.terminated.startedAt",
		"status.containerStatuses.state.waiting.reason",
		"status.initContainerStatuses.name",
		"status.initContainerStatuses.ready",
		"status.initContainerStatuses.restartCount",
		"status.initContainerStatuses.state.waiting.reason",
		"status.phase",
		"status.startTime",
	}
}
