package ownership_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

func TestLongSelectorsAreNotSent(t *testing.T) {
	for _, tc := range []struct {
		name, value string
		want        metav1.ListOptions
	}{
		{"short", "web", metav1.ListOptions{LabelSelector: "app=web"}},
		{"long", strings.Repeat("w", 8<<10), metav1.ListOptions{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, ownership.ListOptions(labels.SelectorFromSet(labels.Set{"app": tc.value}))); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}
