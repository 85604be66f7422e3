package integration

import (
	"testing"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// The role that the program writes for the controller alone is enough for all that it does: adopt and release, create and
// delete, tell of it in events and in the status.
func TestReplicaSetRoleIsEnough(t *testing.T) {
	client, ns := namespace(t)
	user := "replicaset-of-" + ns
	shared.Apply(t, cluster.Output(t, "wheelhouse", "rbac", "--secure-port=0", "--name", user, "--controllers=replicaset", "--leader-elect=false", "--rival-check=off"))
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole="+user, "--user="+user)
	t.Cleanup(func() {
		shared.Kubectl(t, "delete", "clusterrole/"+user, "clusterrolebinding/"+user)
	})
	p := keepReplicaSets(t, shared.User(t, user), fast()...)
	orphan(t, client, ns, "mine", app("web"))
	web := create(t, client, ns, replicaSet("web", 2))
	web.awaitAvailable(2)
	relabel(t, client, ns, "mine", "db")
	awaitControllers(t, client, ns, map[string]int{"web": 2, "": 1})
	web.scale(1)
	web.awaitAvailable(1)
	web.awaitEvent("SuccessfulCreate")
	web.awaitEvent("SuccessfulDelete")
	if p.HasLog(`forbidden`) {
		t.Errorf("something was forbidden:\n%s", p.Log())
	}
}
