package deployment

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

// TestTemplateHashIsUpstreams compares with hashes that Kubernetes 1.37.2 made of these templates.
func TestTemplateHashIsUpstreams(t *testing.T) {
	text, err := os.ReadFile("testdata/hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	var corpus []struct {
		Name, Hash string
		Collisions *int32
		Template   json.RawMessage
	}
	if err := json.Unmarshal(text, &corpus); err != nil {
		t.Fatal(err)
	}
	for _, tc := range corpus {
		t.Run(tc.Name, func(t *testing.T) {
			var template corev1.PodTemplateSpec
			if err := json.Unmarshal(tc.Template, &template); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.Hash, templateHash(&template, tc.Collisions)); diff != "" {
				t.Errorf("hash (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSetName(t *testing.T) {
	long := strings.Repeat("d", 253)
	for _, tc := range []struct{ name, deployment, want string }{
		{"short", "web", "web-5d8f"},
		{"longest that fits", long[:248], long[:248] + "-5d8f"},
		{"too long", long, long[:248] + "-5d8f"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, setName(tc.deployment, "5d8f")); diff != "" {
				t.Errorf("name (-want +got):\n%s", diff)
			}
		})
	}
}
