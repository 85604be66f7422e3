package install

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

// entry is what the audit log says of a request.
type entry struct {
	Verb      string `json:"verb"`
	User      struct{ Username string }
	ObjectRef struct {
		APIGroup, Resource, Subresource, Namespace, Name string
	} `json:"objectRef"`
	RequestURI  string
	Annotations map[string]string
}

// isForbidden reports whether no role allowed the request. What a quota forbids has the same status.
func (e entry) isForbidden() bool { return e.Annotations["authorization.k8s.io/decision"] == "forbid" }

// audit returns the user's requests.
func audit(t *testing.T, user string) []entry {
	t.Helper()
	file, err := os.Open(filepath.Join(shared.Dir, "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var entries []entry
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one entry
		if err := json.Unmarshal(lines.Bytes(), &one); err == nil && one.User.Username == user { // the last line may be written just now
			entries = append(entries, one)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return entries
}

// resource returns the resource as rules name it.
func (e entry) resource() string {
	if e.ObjectRef.Subresource != "" {
		return e.ObjectRef.Resource + "/" + e.ObjectRef.Subresource
	}
	return e.ObjectRef.Resource
}

// permission is one verb on one resource, in a namespace and of a name where the rule says so.
type permission struct{ Verb, Group, Resource, Namespace, Name string }

// permissions takes a rule apart.
func permissions(namespace string, rule rbacv1.PolicyRule) []permission {
	names := rule.ResourceNames
	if len(names) == 0 {
		names = []string{""}
	}
	var list []permission
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				for _, name := range names {
					list = append(list, permission{verb, group, resource, namespace, name})
				}
			}
		}
	}
	return list
}

// isUsed reports whether one of the requests needed the permission.
func (p permission) isUsed(entries []entry) bool {
	return slices.ContainsFunc(entries, func(e entry) bool {
		return e.Verb == p.Verb && e.ObjectRef.APIGroup == p.Group && e.resource() == p.Resource &&
			(p.Namespace == "" || e.ObjectRef.Namespace == p.Namespace) && (p.Name == "" || e.ObjectRef.Name == p.Name)
	})
}
