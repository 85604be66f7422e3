package install

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/controllers/builtin"
	"github.com/6ead2ce0/wheelhouse/test/chart"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// unseen are permissions that no request of the exercise shows to be needed, each with the reason why it is.
func unseen() map[permission]string {
	const lost = "is used after a reply was lost, which doesn't happen here: test/faultproxy loses some"
	return map[permission]string{
		{Verb: "list", Group: "", Resource: "pods"}:                         "is used where the API server doesn't stream a list by a watch",
		{Verb: "update", Group: "apps", Resource: "deployments/finalizers"}: "is what owner references that block deletion ask for, in admission",
		{Verb: "update", Group: "apps", Resource: "replicasets/finalizers"}: "is what owner references that block deletion ask for, in admission",
		{Verb: "get", Group: "apps", Resource: "replicasets"}:               lost,
		{Verb: "get", Group: "", Resource: "pods"}:                          lost,
	}
}

// With the roles of the chart, the program is refused nothing, and it uses all of them: for every choice of controllers.
func TestRolesAreWhatIsNeeded(t *testing.T) {
	for _, names := range chart.Subsets() {
		t.Run(strings.Join(names, " and "), func(t *testing.T) {
			proveRoles(t, names, chart.Controllers(names))
		})
	}
	t.Run("a lease for each", func(t *testing.T) {
		all := chart.Subsets()[len(chart.Subsets())-1]
		proveRoles(t, all, chart.Controllers(all)+"leaderElection: {scope: controller}")
	})
}

func proveRoles(t *testing.T, names []string, values string) {
	client := shared.Client(t)
	ns := strict(t, client)
	helm(t, ns, values, "install", chart.Release, chart.Path(t))
	t.Cleanup(func() { helm(t, ns, "", "uninstall", chart.Release) })
	replicas := []replica{runReplica(t, client, ns), runReplica(t, client, ns)}
	for _, r := range replicas {
		for _, name := range names {
			r.WaitForLog(t, name+` controller state .*"(Running|Standby)"`)
		}
		ask(t, client, ns, "https://"+r.address)
	}
	stop := runOthers(t, names)
	exercise(t, client, cluster.Namespace(t, client))
	disturb(t, ns, replicas)
	stop()
	for _, r := range replicas {
		r.Signal(t, syscall.SIGTERM)
		if status := r.Wait(t); status != 0 {
			t.Errorf("a replica ended with status %d", status)
		}
	}
	checkUse(t, ns)
}

// disturb observes the canaries, as somebody would who does the same work, and waits until the replicas have noticed.
func disturb(t *testing.T, ns string, replicas []replica) {
	t.Helper()
	canaries := strings.Fields(shared.Kubectl(t, "-n", ns, "get", "replicasets,deployments", "-l", "wheelhouse.dev/canary", "-o", "name"))
	for _, canary := range canaries {
		shared.Kubectl(t, "-n", ns, "patch", canary, "--subresource=status", "--type=merge", "-p", `{"status":{"observedGeneration":1000}}`)
		_, name, _ := strings.Cut(canary, "/")
		cluster.Eventually(t, "somebody to notice that "+name+" was observed", func() bool {
			return slices.ContainsFunc(replicas, func(r replica) bool { return r.HasLog(`"Blocked".*has observed the canary ` + ns + "/" + name) })
		})
	}
}

// ask reads a page of the secure port with a token, so that the program has to ask whose it is and what it may.
func ask(t *testing.T, client kubernetes.Interface, ns, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+tokenOf(t, client, ns, "default"))
	browser := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close() // nothing is read from it
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a token without rights gets %s, want 403", response.Status)
	}
}

// runOthers runs those of the built-in controllers that the release doesn't, so that each has somebody to work with. The call ends them.
func runOthers(t *testing.T, names []string) func() {
	t.Helper()
	var others []string
	for _, d := range builtin.All() {
		if !slices.Contains(names, d.Name) {
			others = append(others, d.Name)
		}
	}
	if len(others) == 0 {
		return func() {}
	}
	p := cluster.Wheelhouse(t, "--kubeconfig", shared.Kubeconfig, "--leader-elect=false", "--controllers", strings.Join(others, ","))
	return func() {
		p.Signal(t, syscall.SIGTERM)
		p.Wait(t)
	}
}

// checkUse compares what the release's roles allow with what the audit log has.
func checkUse(t *testing.T, ns string) {
	t.Helper()
	account := rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: ns, Name: chart.Release}
	entries := audit(t, "system:serviceaccount:"+ns+":"+chart.Release)
	for _, e := range entries {
		if e.isForbidden() {
			t.Errorf("forbidden: %s %s", e.Verb, e.RequestURI)
		}
	}
	for _, p := range granted(t, account) {
		used := p.isUsed(entries)
		if _, excused := unseen()[p]; !used && !excused {
			t.Errorf("never used: %+v", p)
		}
	}
	t.Logf("%d requests", len(entries))
}

// granted returns what the subject may do, by what the API server has.
func granted(t *testing.T, subject rbacv1.Subject) []permission {
	t.Helper()
	client := shared.Client(t).RbacV1()
	var list []permission
	roles, err := client.Roles("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	bindings, err := client.RoleBindings("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bindings.Items {
		for _, r := range roles.Items {
			if slices.Contains(b.Subjects, subject) && r.Namespace == b.Namespace && r.Name == b.RoleRef.Name {
				for _, rule := range r.Rules {
					list = append(list, permissions(r.Namespace, rule)...)
				}
			}
		}
	}
	return append(list, grantedEverywhere(t, subject)...)
}

func grantedEverywhere(t *testing.T, subject rbacv1.Subject) []permission {
	t.Helper()
	client := shared.Client(t).RbacV1()
	bindings, err := client.ClusterRoleBindings().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var list []permission
	for _, b := range bindings.Items {
		if !slices.Contains(b.Subjects, subject) {
			continue
		}
		role, err := client.ClusterRoles().Get(t.Context(), b.RoleRef.Name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			list = append(list, permissions("", rule)...)
		}
	}
	return list
}
