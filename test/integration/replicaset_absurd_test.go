package integration

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// promptly is when a ReplicaSet of three pods must be done beside others that ask for far more than can be made: two seconds
// are promised, and a busy machine gets ten.
const promptly = 10 * time.Second

// Eleven ReplicaSets, more than there are workers, ask for three thousand million pods in one namespace.
func TestGreedyNamespaceHoldsNobodyBack(t *testing.T) {
	client, greedy := namespace(t)
	_, modest := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, atDefaultRate()...)
	made := count(t, client, greedy)
	sets := []set{create(t, client, greedy, replicaSet("all", math.MaxInt32))}
	for i := range 10 {
		sets = append(sets, create(t, client, greedy, replicaSet(fmt.Sprint("many-", i), 100_000_000)))
	}
	cluster.Eventually(t, "the greedy to be at it", func() bool { return made.tally(t).Made > 30 })
	for i := range 3 {
		took := create(t, client, modest, replicaSet(fmt.Sprint("web-", i), 3)).awaitAvailable(3)
		t.Logf("3 pods of another namespace were there in %v", took)
		if took > promptly {
			t.Errorf("3 pods of another namespace took %v, want at most %v", took, promptly)
		}
	}
	before := made.tally(t).Made
	cluster.Eventually(t, "more pods for the greedy", func() bool { return made.tally(t).Made > before })
	for _, s := range sets {
		s.scale(1)
	}
	for _, s := range sets {
		s.awaitStatusWithin(3*time.Minute, "1 replica", isAvailable(1))
	}
	if got := made.tally(t); got.Active != len(sets) {
		t.Errorf("%+v, want one active pod for each of %d ReplicaSets in the end", got, len(sets))
	}
}

// What the API server lets pass is dealt with, however little sense it makes.
func TestAbsurdReplicaSetsAreKept(t *testing.T) {
	client, ns := namespace(t)
	p := keepReplicaSets(t, shared.Kubeconfig, fast()...)
	for _, test := range absurdities() {
		t.Run(test.name, func(t *testing.T) {
			rs := replicaSet(test.name, 3)
			test.change(rs)
			s := create(t, client, ns, rs)
			s.awaitStatus("3 ready", func(status appsv1.ReplicaSetStatus) bool {
				return status.ReadyReplicas == 3 && status.FullyLabeledReplicas == 3 && status.AvailableReplicas == test.available
			})
			s.scale(1)
			s.awaitStatus("1 ready", func(status appsv1.ReplicaSetStatus) bool { return status.Replicas == 1 && status.ReadyReplicas == 1 })
		})
	}
	if p.HasLog(`panic|reconcile failed`) {
		t.Errorf("something failed:\n%s", p.Log())
	}
}

type absurdity struct {
	name      string
	change    func(*appsv1.ReplicaSet)
	available int32 // of three ready pods
}

func absurdities() []absurdity {
	const thousands = 2000
	return []absurdity{
		{"pods-never-available", func(rs *appsv1.ReplicaSet) { rs.Spec.MinReadySeconds = math.MaxInt32 }, 0},
		{"longest-name", func(rs *appsv1.ReplicaSet) { rs.Name = strings.Repeat("long.", 50) + "abc" }, 3},
		{"thousands-of-labels", func(rs *appsv1.ReplicaSet) {
			labels := app(rs.Name)
			for i := range thousands {
				labels[fmt.Sprintf("example.test/label-%d", i)] = strings.Repeat("v", 50)
			}
			rs.Labels, rs.Spec.Template.Labels = labels, labels
			rs.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
		}, 3},
		{"selector-of-thousands", func(rs *appsv1.ReplicaSet) {
			in := metav1.LabelSelectorRequirement{Key: "app", Operator: metav1.LabelSelectorOpIn, Values: []string{rs.Name}}
			for i := range 10 * thousands {
				in.Values = append(in.Values, fmt.Sprint(i))
			}
			rs.Spec.Selector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{in}}
		}, 3},
		{"large-annotation", func(rs *appsv1.ReplicaSet) {
			rs.Spec.Template.Annotations = map[string]string{"example.test/large": strings.Repeat("a", 200_000)}
		}, 3},
		{"largest-deletion-cost", func(rs *appsv1.ReplicaSet) {
			rs.Spec.Template.Annotations = map[string]string{corev1.PodDeletionCost: fmt.Sprint(math.MaxInt32)}
		}, 3},
	}
}
