package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// kubectl runs kubectl in the namespace of the Deployment.
func (r rollout) kubectl(args ...string) string {
	r.t.Helper()
	return shared.Kubectl(r.t, append([]string{"-n", r.ns}, args...)...)
}

func TestKubectlRollsBackAndForth(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(2))
	web.awaitComplete()
	for _, image := range []string{"v2", "v3"} {
		web.setImage(image)
		web.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
	}
	web.awaitHistory("1:v1=0", "2:v2=0", "3:v3=2")
	web.kubectl("rollout", "undo", "deployment/web")
	web.awaitHistory("1:v1=0", "3:v3=0", "4:v2=2")
	web.awaitComplete()
	web.kubectl("rollout", "undo", "deployment/web", "--to-revision=1")
	web.awaitHistory("3:v3=0", "4:v2=0", "5:v1=2")
	web.awaitComplete()
	var revisions []string
	for line := range strings.Lines(web.kubectl("rollout", "history", "deployment/web")) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0][0] >= '0' && fields[0][0] <= '9' {
			revisions = append(revisions, fields[0])
		}
	}
	if diff := cmp.Diff([]string{"3", "4", "5"}, revisions); diff != "" {
		t.Errorf("revisions in kubectl rollout history (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("5", web.get().Annotations[revisionAnnotation]); diff != "" {
		t.Errorf("revision of the Deployment (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("1", web.sets()[2].Annotations["deployment.kubernetes.io/revision-history"]); diff != "" {
		t.Errorf("earlier revisions of the ReplicaSet (-want +got):\n%s", diff)
	}
	web.kubectl("rollout", "restart", "deployment/web")
	web.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
	web.awaitHistory("3:v3=0", "4:v2=0", "5:v1=0", "6:v1=2")
	text := web.kubectl("describe", "deployment/web")
	for _, want := range []string{"deployment-controller", "ScalingReplicaSet", "Scaled up replica set web-", "MinimumReplicasAvailable"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the description:\n%s", want, text)
		}
	}
}

func TestKubectlScalesAndAutoscalesADeployment(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(1))
	web.awaitComplete()
	web.kubectl("scale", "deployment/web", "--replicas=4")
	web.awaitHistory("1:v1=4")
	web.awaitComplete()
	web.kubectl("scale", "deployment/web", "--replicas=1")
	web.awaitComplete()
	web.kubectl("autoscale", "deployment/web", "--min=2", "--max=4", "--cpu=50%")
	cluster.EventuallyWithin(t, 2*time.Minute, "the autoscaler to raise the replicas to its minimum", func() bool { return *web.get().Spec.Replicas == 2 })
	web.awaitComplete()
	web.setImage("v2") // with the autoscaler at work
	web.awaitComplete()
	web.awaitHistory("1:v1=0", "2:v2=2")
}

// kubectl keeps its input in an annotation that caches leave out: it must still be there after all that is written.
func TestKubectlAppliesOverAndOver(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	manifest := func(image string) string {
		return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ` + ns + `, annotations: {team: shop}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "example.test/app:` + image + `"}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: alone, namespace: ` + ns + `}
spec:
  replicas: 1
  selector: {matchLabels: {app: alone}}
  template:
    metadata: {labels: {app: alone}}
    spec: {containers: [{name: app, image: "example.test/app:` + image + `"}]}
`
	}
	web := rollout{t, client, ns, "web"}
	for _, image := range []string{"v1", "v2"} {
		shared.Apply(t, manifest(image))
		web.awaitComplete()
	}
	alone := set{t, client, ns, "alone"}
	alone.awaitAvailable(1)
	for object, annotations := range map[string]map[string]string{"deployment": web.get().Annotations, "replicaset": alone.get().Annotations} {
		if !strings.Contains(annotations["kubectl.kubernetes.io/last-applied-configuration"], "app:v2") {
			t.Errorf("what kubectl applied is not in the annotations of the %s: %v", object, annotations)
		}
	}
	for _, replicaSet := range web.sets() {
		if metav1.GetControllerOf(&replicaSet) == nil {
			continue
		}
		_, copied := replicaSet.Annotations["kubectl.kubernetes.io/last-applied-configuration"]
		if diff := cmp.Diff([]any{"shop", false}, []any{replicaSet.Annotations["team"], copied}); diff != "" {
			t.Errorf("annotation team, and whether kubectl's is copied, of replicaset %s (-want +got):\n%s", replicaSet.Name, diff)
		}
	}
}

// The annotation of extensions/v1beta1 still rolls back.
func TestDeprecatedRollback(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(1))
	web.awaitComplete()
	web.setImage("v2")
	web.awaitComplete()
	for _, tc := range []struct{ revision, reason string }{
		{"0", "DeploymentRollback"}, {"99", "DeploymentRollbackRevisionNotFound"}, {"3", "DeploymentRollbackTemplateUnchanged"},
	} {
		web.patch(`{"metadata":{"annotations":{"` + appsv1.DeprecatedRollbackTo + `":"` + tc.revision + `"}}}`)
		cluster.Eventually(t, "event "+tc.reason, func() bool {
			return strings.Contains(web.kubectl("get", "events", "--field-selector=involvedObject.name=web,reason="+tc.reason), tc.reason)
		})
		cluster.Eventually(t, "the wish to be gone", func() bool {
			_, wished := web.get().Annotations[appsv1.DeprecatedRollbackTo]
			return !wished
		})
		web.awaitComplete()
	}
	web.awaitHistory("2:v2=0", "3:v1=1")
}
