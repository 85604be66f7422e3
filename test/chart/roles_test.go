package chart

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/builtin"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

var update = flag.Bool("update", false, "write the chart's controllers.yaml anew")

// known is what the chart knows of a controller.
type known struct {
	Aliases          []string            `json:"aliases"`
	EnabledByDefault bool                `json:"enabledByDefault"`
	Rules            []rbacv1.PolicyRule `json:"rules"`
	Canary           *canary             `json:"canary,omitempty"`
}

// canary says what the object is by which a controller's rivals are found.
type canary struct {
	Group    string `json:"group"`
	Resource string `json:"resource"`
	Rests    bool   `json:"rests,omitempty"`
}

func knownOf(d controllers.Descriptor) known {
	k := known{Aliases: append([]string{}, d.Aliases...), EnabledByDefault: !d.DisabledByDefault, Rules: d.Rules}
	if d.Canary != nil {
		k.Canary = &canary{d.Canary.Resource.Group, d.Canary.Resource.Resource, d.Canary.Rests}
	}
	return k
}

// The chart can't ask the program, so it holds a copy of what the descriptors say.
func TestControllersFileIsFresh(t *testing.T) {
	all := map[string]known{}
	for _, d := range builtin.All() {
		all[d.Name] = knownOf(d)
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	want := append([]byte("# Made from the controllers' descriptors by `make generate`. Do not edit.\n"), text...)
	path := filepath.Join(Path(t), "controllers.yaml")
	if *update {
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("controllers.yaml is stale; run make generate (-want +got):\n%s", cmp.Diff(string(want), string(got)))
	}
}

// permissions returns what the service account may do: a line for each verb on each resource, in each namespace where it may, by name
// where only some objects are meant.
func permissions(t *testing.T, objects []*unstructured.Unstructured) []string {
	t.Helper()
	var lines []string
	for _, object := range objects {
		if (object.GetKind() != "Role" && object.GetKind() != "ClusterRole") || IsHook(object) {
			continue
		}
		for _, rule := range As[rbacv1.Role](t, object).Rules { // a ClusterRole has its rules in the same place
			lines = append(lines, grants(object.GetNamespace(), rule)...)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func grants(namespace string, rule rbacv1.PolicyRule) []string {
	names := rule.ResourceNames
	if len(names) == 0 {
		names = []string{""}
	}
	var lines []string
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			for _, name := range names {
				for _, verb := range rule.Verbs {
					lines = append(lines, fmt.Sprintf("%s %s.%s/%s in %q", verb, resource, group, name, namespace))
				}
			}
		}
	}
	return lines
}

// The chart's roles are those that the program itself writes, for every choice of controllers and every way to elect.
func TestRolesAreTheProgramsOwn(t *testing.T) {
	elections := []struct {
		values string
		args   []string
	}{
		{"", nil},
		{"leaderElection: {scope: controller}", []string{"--leader-elect-scope=controller"}},
		{"leaderElection: {resourceName: lock}", []string{"--leader-elect-resource-name=lock"}},
		{"replicas: 1\nleaderElection: {enabled: false}", []string{"--leader-elect=false"}},
		{"tls: {clusterAuthorities: false}", []string{"--authentication-skip-lookup"}},
		{"rivalCheck: \"off\"", []string{"--rival-check=off"}},
		{"rivalCheck: \"off\"\nreplicas: 1\nleaderElection: {enabled: false}", []string{"--rival-check=off", "--leader-elect=false"}},
	}
	for _, names := range Subsets() {
		for _, e := range elections {
			t.Run(strings.Join(append(names, e.args...), " "), func(t *testing.T) {
				args := append([]string{"rbac", "--leader-elect-resource-namespace=wheelhouse", "--controllers", strings.Join(names, ",")}, e.args...)
				want := permissions(t, Objects(t, cluster.Output(t, "wheelhouse", args...)))
				got := permissions(t, Render(t, Controllers(names)+e.values))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("permissions (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// Every role is bound to the one service account of the release, and to nobody else.
func TestRolesAreBoundToTheServiceAccount(t *testing.T) {
	for _, values := range []string{"", "serviceAccount: {name: mine}", "serviceAccount: {create: false, name: mine}", "serviceAccount: {create: false}"} {
		objects := Render(t, values)
		account, _, _ := unstructured.NestedString(Find(t, objects, "Deployment").Object, "spec", "template", "spec", "serviceAccountName")
		want := rbacv1.Subject{Kind: "ServiceAccount", Name: account, Namespace: "wheelhouse"}
		var roles, bound []string
		for _, object := range objects {
			if IsHook(object) {
				continue
			}
			switch kind := object.GetKind(); kind {
			case "Role", "ClusterRole":
				roles = append(roles, kind+" "+object.GetName())
			case "RoleBinding", "ClusterRoleBinding":
				binding := As[rbacv1.ClusterRoleBinding](t, object)
				bound = append(bound, binding.RoleRef.Kind+" "+binding.RoleRef.Name)
				if diff := cmp.Diff([]rbacv1.Subject{want}, binding.Subjects); diff != "" {
					t.Errorf("%q: subjects of %s (-want +got):\n%s", values, object.GetName(), diff)
				}
			}
		}
		slices.Sort(roles)
		slices.Sort(bound)
		if diff := cmp.Diff(roles, bound); diff != "" {
			t.Errorf("%q: roles, and which are bound (-roles +bound):\n%s", values, diff)
		}
	}
}

func TestRolesAreNarrow(t *testing.T) {
	for _, line := range permissions(t, Render(t, "")) {
		if strings.Contains(line, "*") {
			t.Errorf("a wildcard: %s", line)
		}
		if strings.Contains(line, " secrets") {
			t.Errorf("secrets: %s", line)
		}
		if strings.Contains(line, "leases.coordination.k8s.io/ ") && !strings.HasPrefix(line, "create ") {
			t.Errorf("all leases: %s", line)
		}
	}
}

// The chart takes and refuses what the program takes and refuses in --controllers, and means the same.
func TestControllersMeanWhatTheyMeanToTheProgram(t *testing.T) {
	for _, entries := range []string{
		"*", "*,-deployment", "*,-deployment-controller", "replicaset-controller", "podsync,replicaset", "*,podsync", "*,-podsync,-replicaset",
		"podsink", "*,-podsink", "-podsync", "podsync,-podsync", "deployment,-deployment-controller", "*,-podsync,-deployment,-replicaset",
	} {
		t.Run(entries, func(t *testing.T) {
			_, want := controllers.Select(strings.Split(entries, ","), builtin.All())
			text, got := Template(t, "helm", Path(t), `controllers: ["`+strings.ReplaceAll(entries, ",", `","`)+`"]`)
			if want != nil || got != nil {
				wantRefusal(t, want, got)
				return
			}
			args := []string{"rbac", "--leader-elect-resource-namespace=wheelhouse", "--controllers", entries}
			if diff := cmp.Diff(permissions(t, Objects(t, cluster.Output(t, "wheelhouse", args...))), permissions(t, Objects(t, text))); diff != "" {
				t.Errorf("permissions (-want +got):\n%s", diff)
			}
		})
	}
}

// wantRefusal compares the reasons, but for what the program guesses that was meant.
func wantRefusal(t *testing.T, program, chart error) {
	t.Helper()
	if program == nil || chart == nil {
		t.Fatalf("the program says %v, the chart %v", program, chart)
	}
	reason, _, _ := strings.Cut(strings.TrimPrefix(program.Error(), "--controllers: "), "; did you mean")
	if !strings.Contains(chart.Error(), "controllers: "+reason) {
		t.Errorf("the chart says %q, want %q", chart, reason)
	}
}

func TestControllersOfOnesOwn(t *testing.T) {
	const own = "extraControllers: [{name: greeter, rules: [{apiGroups: [\"\"], resources: [configmaps], verbs: [list, watch]}]}]\n"
	ruled := func(values string) bool {
		return slices.Contains(permissions(t, Render(t, values)), `list configmaps./ in ""`)
	}
	if !ruled(own) {
		t.Error("a controller of one's own has no rules")
	}
	if ruled(own + "controllers: [podsync]") {
		t.Error("a controller of one's own that doesn't run has rules")
	}
	if !ruled(own + "controllers: [greeter]") {
		t.Error("a controller of one's own can't be chosen")
	}
	if _, err := Template(t, "helm", Path(t), "extraControllers: [{name: podsync, rules: []}]"); err == nil {
		t.Error("two controllers have one name")
	}
}
