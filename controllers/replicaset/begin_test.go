package replicaset

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/stage"
)

// Nobody may have worked for a while when a term begins: who has waited longest comes first.
func TestTermBeginsWithTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var objects []runtime.Object
		var want []string
		for i := range 20 {
			name := fmt.Sprint("web-", 19-i)
			want = append(want, name)
			objects = append(objects, newReplicaSet(1, func(rs *appsv1.ReplicaSet) {
				rs.Name, rs.UID = name, types.UID(name)
				rs.CreationTimestamp = metav1.NewTime(time.Now().Add(time.Duration(i-20) * time.Second))
				rs.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}
				rs.Spec.Template.Labels = rs.Spec.Selector.MatchLabels
			}))
		}
		p := stage.New(t, func(env controllers.Env) (controllers.Controller, error) {
			return New(env, Options{ConcurrentSyncs: 1})
		}, objects...)
		p.Run()
		defer p.End()
		p.Settle(5 * time.Second)
		var got []string
		for _, action := range p.Client.Actions() {
			if action.Matches("create", "pods") {
				got = append(got, metav1.GetControllerOf(action.(clienttesting.CreateAction).GetObject().(*corev1.Pod)).Name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ReplicaSets in the order in which they got a pod (-want +got):\n%s", diff)
		}
	})
}
