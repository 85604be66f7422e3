package controllertest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

func TestCallsAreTakenForWhatAnAPIServerAsks(t *testing.T) {
	tests := []struct {
		name string
		make func(kubernetes.Interface) error
		want string
	}{
		{"status", func(c kubernetes.Interface) error {
			_, err := c.CoreV1().Nodes().UpdateStatus(t.Context(), &corev1.Node{}, metav1.UpdateOptions{})
			return err
		}, "update nodes/status"},
		{"scale", func(c kubernetes.Interface) error {
			_, err := c.AppsV1().Deployments("a").GetScale(t.Context(), "b", metav1.GetOptions{})
			return err
		}, "get deployments.apps/scale"},
		{"collection", func(c kubernetes.Interface) error {
			return c.CoreV1().Pods("a").DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{})
		}, "deletecollection pods"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := Env(t).API
			_ = tt.make(api) // for an object that is not there
			if diff := cmp.Diff("1 × "+tt.want, describe(callsOf(api))); diff != "" {
				t.Errorf("calls (-want +got)\n%s", diff)
			}
		})
	}
}

func TestAllows(t *testing.T) {
	rule := rbacv1.PolicyRule{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"get", "create"}}
	named := rule
	named.ResourceNames = []string{"a"}
	tests := []struct {
		name string
		rule rbacv1.PolicyRule
		call call
		want bool
	}{
		{"what it says", rule, call{"apps", "deployments", "get", "a"}, true},
		{"another verb", rule, call{"apps", "deployments", "update", "a"}, false},
		{"another group", rule, call{"", "deployments", "get", "a"}, false},
		{"a subresource", rule, call{"apps", "deployments/status", "get", "a"}, false},
		{"the object that it names", named, call{"apps", "deployments", "get", "a"}, true},
		{"another object than it names", named, call{"apps", "deployments", "get", "b"}, false},
		{"creating, for which no name is known", named, call{"apps", "deployments", "create", ""}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := allows(tt.rule, tt.call); got != tt.want {
				t.Errorf("allows = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMissingRulesAreWrittenAsYAML(t *testing.T) {
	calls := []call{
		{"apps", "deployments/status", "update", "a"},
		{"", "pods", "watch", ""},
		{"", "pods", "delete", "a"},
		{"", "pods", "delete", "b"},
		{"", "pods", "list", ""},
	}
	want := `- apiGroups: [""]
  resources: ["pods"]
  verbs: ["delete", "list", "watch"]
- apiGroups: ["apps"]
  resources: ["deployments/status"]
  verbs: ["update"]
`
	if diff := cmp.Diff(want, asRules(calls)); diff != "" {
		t.Errorf("rules (-want +got)\n%s", diff)
	}
}

func TestUnusedRulesAreNoted(t *testing.T) {
	b := withDescriptor(func(d *controllers.Descriptor) {
		d.Rules[0].Verbs = append(d.Rules[0].Verbs, "delete")
	})
	r := tryOne(t, "Rules cover every call", b)
	if diff := cmp.Diff([]string{"Rules allow to delete configmaps, which no call made use of"}, r.notes); diff != "" {
		t.Errorf("notes (-want +got)\n%s", diff)
	}
}
