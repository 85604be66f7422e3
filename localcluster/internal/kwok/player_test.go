package kwok

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/utils/gotpl"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"
)

const prefix = "localcluster.wheelhouse.dev/"

// player plays the stages of pods without a cluster.
type player struct {
	stages   lifecycle.Lifecycle
	renderer gotpl.Renderer
}

func newPlayer(t testing.TB) player {
	t.Helper()
	byKind, err := stages()
	if err != nil {
		t.Fatal(err)
	}
	stages, err := lifecycle.NewLifecycle(byKind[internalversion.StageResourceRef{APIGroup: "v1", Kind: "Pod"}])
	if err != nil {
		t.Fatal(err)
	}
	return player{stages: stages, renderer: gotpl.NewRenderer(gotpl.FuncMap{
		"NodeIP":     func() string { return nodeIP },
		"PodAddress": newAddresses().of,
	})}
}

// play moves the pod on until it stays as it is, and returns what happened in words; delays are told, not waited for.
func (p player) play(t *testing.T, pod *corev1.Pod) []string {
	t.Helper()
	var happened []string
	for range 10 {
		event := &lifecycle.Event{Labels: pod.Labels, Annotations: pod.Annotations, Data: pod}
		possible, err := p.stages.ListAllPossible(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		if len(possible) == 0 {
			return happened
		}
		if len(possible) > 1 {
			t.Fatalf("%s and %s both match a pod in phase %s: kwok would choose at random", possible[0].Name(), possible[1].Name(), pod.Status.Phase)
		}
		if delay, _, err := possible[0].Delay(t.Context(), event, pod.CreationTimestamp.Time); err != nil {
			t.Fatal(err)
		} else if delay > 0 {
			happened = append(happened, "after "+delay.String())
		}
		if p.apply(t, possible[0], pod) {
			return append(happened, "deleted")
		}
		happened = append(happened, summary(pod))
	}
	t.Fatalf("the pod never comes to rest: %v", happened)
	return nil
}

// apply changes the pod as the stage says and reports whether that deletes it.
func (p player) apply(t *testing.T, stage *lifecycle.Stage, pod *corev1.Pod) (deleted bool) {
	t.Helper()
	patch := func(patch *lifecycle.Patch) error {
		before, err := json.Marshal(pod)
		if err != nil {
			return err
		}
		after, err := strategicpatch.StrategicMergePatch(before, patch.Data, pod)
		if err != nil {
			return err
		}
		*pod = corev1.Pod{}
		return json.Unmarshal(after, pod)
	}
	remove := func() error {
		zero := int64(0)
		deleted = len(pod.Finalizers) == 0
		pod.DeletionGracePeriodSeconds = &zero
		return nil
	}
	if _, err := stage.DoSteps(0, pod.Finalizers, pod, p.renderer, nil, remove, patch, nil); err != nil {
		t.Fatalf("%s: %v", stage.Name(), err)
	}
	return deleted
}

// summary says what a user sees of the pod: phase, reasons, readiness and restarts.
func summary(pod *corev1.Pod) string {
	text := string(pod.Status.Phase)
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
			text += " ready"
		}
	}
	for _, container := range pod.Status.ContainerStatuses {
		switch {
		case container.State.Waiting != nil:
			text += " " + container.State.Waiting.Reason
		case container.State.Terminated != nil:
			text += fmt.Sprintf(" exit %d", container.State.Terminated.ExitCode)
		}
		if container.RestartCount > 0 {
			text += fmt.Sprintf(" restarts %d", container.RestartCount)
		}
	}
	return text
}

// newPod returns a pod bound to a node, with annotations given as name and value after each other.
func newPod(annotations ...string) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "pod", Namespace: "default", UID: "uid", CreationTimestamp: metav1.NewTime(time.Unix(1_000_000, 0))},
		Spec:       corev1.PodSpec{NodeName: "node-0", Containers: []corev1.Container{{Name: "main", Image: "image"}}},
		Status:     corev1.PodStatus{Phase: corev1.PodPending},
	}
	annotate(pod, annotations...)
	return pod
}

// annotate sets annotations; an empty value removes one.
func annotate(pod *corev1.Pod, annotations ...string) {
	if pod.Annotations == nil {
		pod.Annotations = map[string]string{}
	}
	for i := 0; i < len(annotations); i += 2 {
		if annotations[i+1] == "" {
			delete(pod.Annotations, prefix+annotations[i])
		} else {
			pod.Annotations[prefix+annotations[i]] = annotations[i+1]
		}
	}
}

func remove(pod *corev1.Pod) {
	seconds := int64(30)
	at := metav1.NewTime(pod.CreationTimestamp.Add(time.Duration(seconds) * time.Second))
	pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &at, &seconds
}
