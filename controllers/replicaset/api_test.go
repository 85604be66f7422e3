package replicaset

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
)

func TestLongSelectorsAreNotSent(t *testing.T) {
	for _, tc := range []struct {
		name  string
		value string
		want  []string
	}{
		{"short", "web", []string{"match"}},
		{"long", strings.Repeat("w", 2*maxSelector), []string{"match", "other"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			match, other := newPod("match"), newPod("other", stranger)
			match.Labels = map[string]string{"app": tc.value}
			s := server{fake.NewClientset(match, other)}
			list, err := s.pods(t.Context(), "default", labels.SelectorFromSet(match.Labels))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, pod := range list.Items {
				got = append(got, pod.Name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("pods (-want +got):\n%s", diff)
			}
		})
	}
}
