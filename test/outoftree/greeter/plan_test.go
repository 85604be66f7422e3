package greeter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
}

func labelled(name string) *corev1.ConfigMap {
	cm := configMap(name)
	cm.Labels = map[string]string{Label: "world"}
	return cm
}

func annotated(name, greeting string) *corev1.ConfigMap {
	cm := configMap(name)
	cm.Annotations = map[string]string{Annotation: greeting}
	return cm
}

func TestPlan(t *testing.T) {
	both := labelled("a")
	both.Annotations = map[string]string{Annotation: "Hello, world!"}
	outdated := both.DeepCopy()
	outdated.Annotations[Annotation] = "Goodbye, world!"
	tests := []struct {
		name     string
		cm       *corev1.ConfigMap
		concerns bool
		want     string // the patch
	}{
		{"no concern of ours", configMap("a"), false, ""},
		{"to be greeted", labelled("a"), true, `{"metadata":{"annotations":{"example.com/greeting":"Hello, world!"},"uid":""}}`},
		{"greeted", both, true, ""},
		{"greeted with another greeting", outdated, true, `{"metadata":{"annotations":{"example.com/greeting":"Hello, world!"},"uid":""}}`},
		{"no longer to be greeted", annotated("a", "Hello, world!"), true, `{"metadata":{"annotations":{"example.com/greeting":null},"uid":""}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := concerns(tt.cm); got != tt.concerns {
				t.Errorf("concerns = %v, want %v", got, tt.concerns)
			}
			if diff := cmp.Diff(tt.want, string(plan(tt.cm, "Hello").patch)); diff != "" {
				t.Errorf("patch (-want +got)\n%s", diff)
			}
		})
	}
}
