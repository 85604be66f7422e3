package chart

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// documented returns the specs of the fence in docs by kind and name.
func documented(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Path(t), "..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return fenceOf(Objects(t, string(text)))
}

func fenceOf(objects []*unstructured.Unstructured) map[string]any {
	specs := map[string]any{}
	for _, object := range objects {
		if strings.HasPrefix(object.GetKind(), "ValidatingAdmission") {
			specs[object.GetKind()+" "+object.GetName()] = object.Object["spec"]
		}
	}
	return specs
}

// fence returns that of the chart, where docs suppose it to be.
func fence(t *testing.T, values string) map[string]any {
	t.Helper()
	text, err := Template(t, "helm", Path(t), values+"\nfence: {enabled: true}", "--namespace", "kube-system")
	if err != nil {
		t.Fatal(err)
	}
	return fenceOf(Objects(t, strings.ReplaceAll(text, "kube-system-wheelhouse", "wheelhouse")))
}

// The fence is written twice, for those with the chart and for those without; both are the same.
func TestFenceIsTheOneOfTheDocumentation(t *testing.T) {
	policy := documented(t, "fence-policy.yaml")
	if diff := cmp.Diff(policy, fence(t, "")); diff != "" {
		t.Errorf("the fence (-docs +chart):\n%s", diff)
	}
	const binding = "ValidatingAdmissionPolicyBinding wheelhouse-fence"
	all := documented(t, "fence-bindings-by-controller.yaml")
	all["ValidatingAdmissionPolicy wheelhouse-fence"] = policy["ValidatingAdmissionPolicy wheelhouse-fence"]
	if diff := cmp.Diff(all, fence(t, "leaderElection: {scope: controller}")); diff != "" {
		t.Errorf("the fence by controller (-docs +chart):\n%s", diff)
	}
	delete(all, binding+"-deployment")
	if diff := cmp.Diff(all, fence(t, "leaderElection: {scope: controller}\ncontrollers: [podsync, replicaset]")); diff != "" {
		t.Errorf("the fence without the deployment controller (-docs +chart):\n%s", diff)
	}
}
