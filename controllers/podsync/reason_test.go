package podsync

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestReason(t *testing.T) {
	waitingInit := func(reason string) option {
		return initContainer(corev1.Container{Name: "setup"}, corev1.ContainerStatus{Name: "setup", State: waitingState(reason)})
	}
	tests := []struct {
		name          string
		pod           *corev1.Pod
		reason, stuck string
	}{
		{"nothing known yet", newPod(), "", ""},
		{"running", newPod(running(12)), "", ""},
		{"starting", newPod(waiting("ContainerCreating")), "ContainerCreating", ""},
		{"initializing", newPod(waiting("PodInitializing")), "PodInitializing", ""},
		{"waiting without a reason", newPod(waiting("")), "", ""},
		{"restarting all its containers", newPod(waiting("RestartingAllContainers")), "RestartingAllContainers", ""},
		{"crash loop", newPod(phase(corev1.PodRunning), waiting("CrashLoopBackOff")), "CrashLoopBackOff", "CrashLoopBackOff"},
		{"image pull back-off", newPod(waiting("ImagePullBackOff")), "ImagePullBackOff", "ImagePullBackOff"},
		{"image pull error", newPod(waiting("ErrImagePull")), "ErrImagePull", "ErrImagePull"},
		{"image name", newPod(waiting("InvalidImageName")), "InvalidImageName", "InvalidImageName"},
		{"container config", newPod(waiting("CreateContainerConfigError")), "CreateContainerConfigError", "CreateContainerConfigError"},
		{"container creation", newPod(waiting("CreateContainerError")), "CreateContainerError", "CreateContainerError"},
		{"container run", newPod(waiting("RunContainerError")), "RunContainerError", "RunContainerError"},
		{"an error nobody has heard of", newPod(waiting("FluxCapacitorError")), "FluxCapacitorError", "Other"},
		{"no node fits", newPod(notScheduled("Unschedulable")), "Unschedulable", "Unschedulable"},
		{"scheduler fails", newPod(notScheduled("SchedulerError")), "SchedulerError", "Other"},
		{"gated on purpose", newPod(notScheduled("SchedulingGated")), "SchedulingGated", ""},
		{"init container crashes", newPod(waiting("PodInitializing"), waitingInit("CrashLoopBackOff")), "CrashLoopBackOff", "CrashLoopBackOff"},
		{
			"sidecar without image",
			newPod(waiting("PodInitializing"), sidecar(corev1.ContainerStatus{Name: "proxy", State: waitingState("ErrImagePull")})),
			"ErrImagePull", "ErrImagePull",
		},
		{"two reasons, the first of the list", newPod(waiting("ErrImagePull"), waitingInit("CrashLoopBackOff")), "CrashLoopBackOff", "CrashLoopBackOff"},
		{"known before unknown", newPod(waiting("RunContainerError"), waitingInit("FluxCapacitorError")), "RunContainerError", "RunContainerError"},
		{"unknown before ordinary", newPod(waiting("PodInitializing"), waitingInit("FluxCapacitorError")), "FluxCapacitorError", "Other"},
		{"ended while its image was missing", newPod(phase(corev1.PodFailed), waiting("ImagePullBackOff")), "", ""},
		{"being deleted, whatever else", newPod(waiting("CrashLoopBackOff"), deleted(60)), "", ""},
		{"deletion takes too long, whatever else", newPod(waiting("CrashLoopBackOff"), deleted(0)), "Terminating", "Terminating"},
		{"kept by a finalizer after it ended", newPod(phase(corev1.PodSucceeded), deleted(0)), "Terminating", "Terminating"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := reasonOf(disguised(tt.pod), termStart.Add(time.Minute))
			if got != tt.reason || stuckOn(got) != tt.stuck {
				t.Errorf("reason %q, stuck on %q; want %q and %q", got, stuckOn(got), tt.reason, tt.stuck)
			}
		})
	}
}

func TestDeletionIsLookedAtAgainWhenItTakesTooLong(t *testing.T) {
	pod := newPod(running(12), deleted(60)) // its grace period ends a minute into the term
	tests := []struct {
		name   string
		now    time.Time
		again  time.Duration
		reason string
	}{
		{"within the grace period", at(30).Time, 90 * time.Second, ""},
		{"a moment before", at(120).Add(-time.Nanosecond), time.Nanosecond, ""},
		{"exactly then", at(120).Time, 0, "Terminating"},
		{"long after", at(9999).Time, 0, "Terminating"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := planAll(tt.now, pod)
			if a.requeueAfter != tt.again || a.after.reason != tt.reason {
				t.Errorf("again after %v, reason %q; want %v and %q", a.requeueAfter, a.after.reason, tt.again, tt.reason)
			}
		})
	}
}
