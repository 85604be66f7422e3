package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// line is one of the audit log: a write of the user's at so many seconds past the hour.
func line(stage, verb, resource, ns, user string, second int) string {
	at := time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC).Format(time.RFC3339Nano)
	return `{"stage":"` + stage + `","verb":"` + verb + `","user":{"username":"` + user + `"},"objectRef":{"resource":"` + resource +
		`","namespace":"` + ns + `"},"responseStatus":{"code":200},"requestReceivedTimestamp":"` + at + `","stageTimestamp":"` + at + "\"}\n"
}

func TestAuditLogIsReadAsItGrows(t *testing.T) {
	const user = userPrefix + "1"
	text := line("ResponseStarted", "watch", "pods", "", user, 1) + line("ResponseComplete", "watch", "pods", "", user, 2) +
		line("ResponseComplete", "create", "pods", "a", user, 3) + line("ResponseComplete", "create", "pods", "a", "kubelet", 3) +
		line("ResponseComplete", "patch", "pods", "a", user, 4)
	dir := t.TempDir()
	write, err := os.Create(filepath.Join(dir, "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	log := openAudit(t, dir)
	half := strings.LastIndex(text, `"patch"`) // within a line
	for _, piece := range []string{text[:half], text[half:]} {
		log.of(t, user)
		if _, err := write.WriteString(piece); err != nil {
			t.Fatal(err)
		}
	}
	want := record.Requests{{Verb: "watch", Resource: "pods", Code: 200}: 1, {Verb: "create", Resource: "pods", Code: 200}: 1, {Verb: "patch", Resource: "pods", Code: 200}: 1}
	if diff := cmp.Diff(want, count(log.of(t, user))); diff != "" {
		t.Errorf("requests (-want +got)\n%s", diff)
	}
	log.forget(t, user)
	if n := len(log.of(t, user)); n != 0 {
		t.Errorf("%d requests are left of those that were forgotten", n)
	}
}

// logged returns the user's entries of an audit log that holds the text.
func logged(t *testing.T, user, text string) []entry {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "audit.log"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return openAudit(t, dir).of(t, user)
}

func TestFirstActs(t *testing.T) {
	const user = userPrefix + "1"
	text := line("ResponseComplete", "create", "selfsubjectaccessreviews", "", user, 1) + line("ResponseComplete", "create", "events", "a", user, 2) +
		line("ResponseComplete", "patch", "deployments", "a", user, 4) + line("ResponseComplete", "patch", "deployments", "b", user, 3) +
		line("ResponseComplete", "create", "replicasets", "b", user, 5) + line("ResponseComplete", "create", "replicasets", "waiting", user, 6)
	first, answer := firstActs(logged(t, user, text), "waiting")
	if diff := cmp.Diff([]int{3, 6}, []int{first.Second(), answer.Second()}); diff != "" {
		t.Errorf("seconds of the first write and of the answer (-want +got)\n%s", diff)
	}
}

func TestWritesElsewhereAreNamed(t *testing.T) {
	const user = userPrefix + "1"
	text := line("ResponseComplete", "create", "selfsubjectaccessreviews", "", user, 1) + line("ResponseComplete", "create", "events", "a", user, 2) +
		line("ResponseComplete", "list", "pods", "a", user, 2) + line("ResponseComplete", "create", "pods", "waiting", user, 3) +
		line("ResponseComplete", "patch", "pods", "b", user, 4) + line("ResponseComplete", "patch", "pods", "b", user, 5) +
		line("ResponseComplete", "delete", "pods", "a", user, 6)
	want := []string{"delete pods in a, answered 200", "patch pods in b, answered 200"}
	if diff := cmp.Diff(want, elsewhere(logged(t, user, text), "waiting")); diff != "" {
		t.Errorf("writes outside of the namespace (-want +got)\n%s", diff)
	}
}

func TestProgramsTakeTurnsAtGoingFirst(t *testing.T) {
	var names []string
	for pair := range 3 {
		for _, p := range turn(pair + 1) {
			names = append(names, p.name)
		}
	}
	want := []string{record.Theirs, record.Ours, record.Ours, record.Theirs, record.Theirs, record.Ours}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("programs of three pairs (-want +got)\n%s", diff)
	}
}

func TestStanding(t *testing.T) {
	pods := make([]corev1.Pod, 3)
	for i, uid := range []types.UID{"stands", "felled", "deleted"} {
		pods[i].UID = uid
	}
	pods[2].DeletionTimestamp = &metav1.Time{}
	left := standing(pods, map[types.UID]bool{"felled": true})
	if len(left) != 1 || left[0].UID != "stands" {
		t.Errorf("pods that were neither felled nor deleted: %v, want one", left)
	}
}

func TestSpread(t *testing.T) {
	list := make([]corev1.Pod, 10)
	for i := range list {
		list[i].Name = string(rune('a' + i))
	}
	var names []string
	for _, pod := range spread(list, 3) {
		names = append(names, pod.Name)
	}
	if diff := cmp.Diff([]string{"a", "d", "g"}, names); diff != "" {
		t.Errorf("chosen (-want +got)\n%s", diff)
	}
	if n := len(spread(list, 20)); n != len(list) {
		t.Errorf("%d of %d are chosen when more are asked for", n, len(list))
	}
}

func TestIsComplete(t *testing.T) {
	complete := appsv1.DeploymentStatus{ObservedGeneration: 2, Replicas: 3, UpdatedReplicas: 3, AvailableReplicas: 3}
	for name, change := range map[string]func(*appsv1.DeploymentStatus){
		"not observed":  func(s *appsv1.DeploymentStatus) { s.ObservedGeneration = 1 },
		"old ones left": func(s *appsv1.DeploymentStatus) { s.Replicas = 4 },
		"not updated":   func(s *appsv1.DeploymentStatus) { s.UpdatedReplicas = 2 },
		"not available": func(s *appsv1.DeploymentStatus) { s.AvailableReplicas = 2 },
		"":              func(*appsv1.DeploymentStatus) {},
	} {
		d := deployment("web", 3)
		d.Generation, d.Status = 2, complete
		change(&d.Status)
		if got := isComplete(d); got != (name == "") {
			t.Errorf("a deployment whose status is %q is complete: %v", name, got)
		}
	}
}
