package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// An operator finds out in two clicks why a rollout doesn't get on, without a script, in every look of the pages.
func TestReasonIsTwoClicksAway(t *testing.T) {
	leader := wheelhouse(t)
	leader.WaitForLog(t, `Running`)
	standby := wheelhouse(t)
	key := rolloutThatFails(t, shared.Client(t))
	cluster.Eventually(t, "the key to be blocked", func() bool { return isBlocked(leader, key) })

	b := open(t)
	b.visit(leader.URL() + "/")
	b.follow("Controllers", "replicaset")
	b.follow("Blocked keys", key)
	for _, want := range []string{"Why it is not done", "exceeded quota: small", "It is looked at again", "ReplicaSet " + key + " was created", "create pods: 403 Forbidden"} {
		if text := b.text(); !strings.Contains(text, want) {
			t.Errorf("the page of the key doesn't say %q:\n%s", want, text)
		}
	}
	b.wantNoErrors()
	wantExplained(t, leader, key)
	for name, address := range map[string]string{
		"process":    leader.URL() + "/",
		"standby":    standby.URL() + "/",
		"controller": leader.URL() + "/controllers/replicaset",
		"key":        leader.URL() + "/controllers/replicaset/keys/" + key,
		"problem":    leader.URL() + "/controllers/missing",
	} {
		b.visit(address)
		for _, l := range looks() {
			t.Run(name+"-"+l.name, func(t *testing.T) {
				b := &tab{t: t, ctx: b.ctx}
				b.set(l)
				b.wantReadable()
				b.screenshot(name + "-" + l.name)
			})
		}
	}
}

// wantExplained looks for the same reason on the command line: at the ReplicaSet that lacks pods, and at the Deployment that waits for it.
func wantExplained(t *testing.T, leader *cluster.Process, key string) {
	t.Helper()
	for _, about := range [][]string{{"replicaset", key}, {"deployment", "shop/web"}} {
		text := cluster.Output(t, "wheelhouse", "explain", about[0], about[1], "--address="+leader.URL())
		if !strings.Contains(text, "exceeded quota: small") {
			t.Errorf("explain %s doesn't say that the quota is exceeded:\n%s", strings.Join(about, " "), text)
		}
	}
}

func wheelhouse(t *testing.T) *cluster.Process {
	t.Helper()
	// Longer than a busy machine holds up a renewal: pictures are of one term.
	return cluster.Wheelhouse(t, "--kubeconfig", shared.Kubeconfig, "--leader-elect-lease-duration=2m", "--leader-elect-renew-deadline=100s")
}

// enough is how many records a picture is worth.
const enough = 6

// isBlocked reports whether the key is blocked and has been looked at some times.
func isBlocked(p *cluster.Process, key string) bool {
	_, body := p.Get("/controllers/replicaset/keys/" + key + "?format=json")
	var detail struct {
		Blocked string
		Records []any
	}
	return json.Unmarshal([]byte(body), &detail) == nil && detail.Blocked != "" && len(detail.Records) >= enough
}

// rolloutThatFails makes a shop whose quota leaves no room for a rollout, begins one, and returns the key of the ReplicaSet that doesn't
// get its pods.
func rolloutThatFails(t *testing.T, client kubernetes.Interface) string {
	t.Helper()
	shared.Apply(t, shop())
	deployments := client.AppsV1().Deployments("shop")
	for _, name := range []string{"web", "cart", "search"} {
		cluster.Eventually(t, name+" to be available", func() bool {
			d, err := deployments.Get(t.Context(), name, metav1.GetOptions{})
			return err == nil && d.Status.AvailableReplicas == *d.Spec.Replicas
		})
	}
	cluster.Eventually(t, "the quota to count", func() bool {
		q, err := client.CoreV1().ResourceQuotas("shop").Get(t.Context(), "small", metav1.GetOptions{})
		return err == nil && fmt.Sprint(q.Status.Used.Pods()) == fmt.Sprint(q.Status.Hard.Pods())
	})
	patch := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"example.test/web:v2"}]}}}}`)
	if _, err := deployments.Patch(t.Context(), "web", types.StrategicMergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	return "shop/" + newest(t, client)
}

// newest returns the name of the ReplicaSet of web's second revision.
func newest(t *testing.T, client kubernetes.Interface) (name string) {
	t.Helper()
	cluster.Eventually(t, "a ReplicaSet of the rollout", func() bool {
		list, err := client.AppsV1().ReplicaSets("shop").List(t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
		if err != nil {
			return false
		}
		for _, rs := range list.Items {
			if revision(rs) == "2" {
				name = rs.Name
			}
		}
		return name != ""
	})
	return name
}

func revision(rs appsv1.ReplicaSet) string {
	return rs.Annotations["deployment.kubernetes.io/revision"]
}

// shop has room for its pods and none more.
func shop() string {
	manifest := `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: small, namespace: shop}
spec: {hard: {pods: "9"}}
`
	for _, name := range []string{"web", "cart", "search"} {
		manifest += fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec: {containers: [{name: app, image: "example.test/%[1]s:v1"}]}
`, name)
	}
	return manifest
}
