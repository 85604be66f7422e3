package integration

import (
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// What somebody else notes in the status stays, even if the controller writes the status before it learns of that.
func TestForeignConditionStays(t *testing.T) {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	keepReplicaSets(t, proxy.Kubeconfig("admin"), fast()...)
	web := create(t, client, ns, replicaSet("web", 2))
	web.awaitAvailable(2)
	late := proxy.Add(faultproxy.Rule{
		Match: faultproxy.Match{Verbs: []string{"watch"}, Resources: []string{"replicasets"}}, Watch: &faultproxy.Watch{Late: 5 * time.Second},
	})
	shared.Kubectl(t, "-n", ns, "patch", "replicaset", "web", "--subresource=status", "--type=merge", "-p",
		`{"status":{"conditions":[{"type":"example.com/Audited","status":"True"}]}}`)
	statusWrites := faultproxy.Match{Verbs: []string{"patch"}, Resources: []string{"replicasets/status"}, Namespace: ns}
	before := committed(proxy, statusWrites)
	deletePod(t, client, ns, pods(t, client, ns)[0].Name)
	web.awaitStatus("another write", func(status appsv1.ReplicaSetStatus) bool { return committed(proxy, statusWrites) > before })
	late.Lift()
	web.awaitAvailable(2)
	if !slices.ContainsFunc(web.get().Status.Conditions, func(c appsv1.ReplicaSetCondition) bool { return c.Type == "example.com/Audited" }) {
		t.Error("the condition is gone")
	}
}
