package kwok

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"
)

func TestAnnotations(t *testing.T) {
	for _, test := range []struct {
		name        string
		annotations []string
		want        []string
	}{
		{"none", nil, []string{"Running ready"}},
		{"not ready", []string{"ready", "false"}, []string{"Running"}},
		{"ready later", []string{"ready-after", "3s"}, []string{"Running", "after 3s", "Running ready"}},
		{"never ready, whenever", []string{"ready-after", "3s", "ready", "false"}, []string{"Running"}},
		{"fails at once", []string{"phase", "failed"}, []string{"Failed exit 1"}},
		{"succeeds at once", []string{"phase", "succeeded"}, []string{"Succeeded exit 0"}},
		{"fails later", []string{"phase", "failed", "delay", "5s"}, []string{"Running ready", "after 5s", "Failed exit 1"}},
		{"unknown phase", []string{"phase", "odd"}, nil},
		{"crashes", []string{"waiting-reason", "CrashLoopBackOff"}, []string{"Running CrashLoopBackOff restarts 1"}},
		{"can't pull", []string{"waiting-reason", "ImagePullBackOff"}, []string{"Pending ImagePullBackOff"}},
		{"can't pull, then fails", []string{"waiting-reason", "ImagePullBackOff", "phase", "failed", "delay", "5s"},
			[]string{"Pending ImagePullBackOff", "after 5s", "Failed exit 1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, newPlayer(t).play(t, newPod(test.annotations...))); diff != "" {
				t.Errorf("what happened (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnnotationsChange(t *testing.T) {
	for _, test := range []struct {
		name        string
		first, next []string
		want        []string
	}{
		{"becomes unready", nil, []string{"ready", "false"}, []string{"Running"}},
		{"becomes ready", []string{"ready", "false"}, []string{"ready", ""}, []string{"Running ready"}},
		{"stays unready", []string{"ready", "false"}, []string{"other", "x"}, nil},
		{"starts to crash", nil, []string{"waiting-reason", "CrashLoopBackOff"}, []string{"Running CrashLoopBackOff restarts 1"}},
		{"stops crashing", []string{"waiting-reason", "CrashLoopBackOff"}, []string{"waiting-reason", ""}, []string{"Running ready restarts 1"}},
		{"has pulled", []string{"waiting-reason", "ImagePullBackOff"}, []string{"waiting-reason", ""}, []string{"Running ready"}},
		{"fails", nil, []string{"phase", "failed"}, []string{"Failed exit 1"}},
		{"can't be revived", []string{"phase", "failed"}, []string{"phase", ""}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			player, pod := newPlayer(t), newPod(test.first...)
			player.play(t, pod)
			annotate(pod, test.next...)
			if diff := cmp.Diff(test.want, player.play(t, pod)); diff != "" {
				t.Errorf("what happened after the change (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeletion(t *testing.T) {
	for _, test := range []struct {
		name       string
		pod        *corev1.Pod
		finalizers []string
		want       []string
	}{
		{"at once", newPod(), nil, []string{"deleted"}},
		{"after the grace period", newPod("slow-delete", "true"), nil, []string{"after 30s", "deleted"}},
		{"finalizers of others", newPod(), []string{"example.com/keep"}, []string{"Failed exit 137", "Failed exit 137"}},
		{"of a failed pod", newPod("phase", "failed"), nil, []string{"deleted"}},
		{"of an unready pod", newPod("ready", "false"), nil, []string{"deleted"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			player := newPlayer(t)
			player.play(t, test.pod)
			test.pod.Finalizers = test.finalizers
			remove(test.pod)
			if diff := cmp.Diff(test.want, player.play(t, test.pod)); diff != "" {
				t.Errorf("what happened after the deletion (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJobs(t *testing.T) {
	for _, test := range []struct {
		name        string
		annotations []string
		want        []string
	}{
		{"succeed", nil, []string{"Running ready", "Succeeded exit 0"}},
		{"succeed later", []string{"delay", "5s"}, []string{"Running ready", "after 5s", "Succeeded exit 0"}},
		{"fail", []string{"phase", "failed"}, []string{"Failed exit 1"}},
		{"hang", []string{"ready", "false"}, []string{"Running"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			pod := newPod(test.annotations...)
			pod.OwnerReferences = []metav1.OwnerReference{{Kind: "Job", Name: "job"}}
			if diff := cmp.Diff(test.want, newPlayer(t).play(t, pod)); diff != "" {
				t.Errorf("what happened (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPodDetails(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	pod := newPod()
	pod.Spec.InitContainers = []corev1.Container{{Name: "init"}, {Name: "sidecar", RestartPolicy: &always}}
	pod.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.com/gate"}}
	newPlayer(t).play(t, pod)
	status := pod.Status
	if status.PodIP == "" || len(status.PodIPs) != 1 || status.PodIPs[0].IP != status.PodIP {
		t.Errorf("got address %q and addresses %v, want one and the same", status.PodIP, status.PodIPs)
	}
	if status.HostIP != nodeIP || status.StartTime == nil {
		t.Errorf("got host address %q, start time %v; want %q and a time", status.HostIP, status.StartTime, nodeIP)
	}
	if len(status.InitContainerStatuses) != 2 || status.InitContainerStatuses[0].State.Terminated == nil || status.InitContainerStatuses[1].State.Running == nil {
		t.Errorf("got init containers %+v, want the first ended and the sidecar running", status.InitContainerStatuses)
	}
	gate := status.Conditions[len(status.Conditions)-1]
	if gate.Type != "example.com/gate" || gate.Status != corev1.ConditionTrue {
		t.Errorf("got condition %+v, want the readiness gate to be open", gate)
	}
}

func BenchmarkMatch(b *testing.B) {
	player, pod := newPlayer(b), newPod()
	for b.Loop() {
		if _, err := player.stages.Match(b.Context(), &lifecycle.Event{Data: pod}); err != nil {
			b.Fatal(err)
		}
	}
}
