// Package chart renders the Helm chart, for tests.
//
// Its own tests need no cluster: they look at what Helm makes of values. Those that install what it makes are in test/install.
package chart

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	// Release is the release's name in renderings, and so that of most objects.
	Release = "wheelhouse"
	// kubeVersion is what a rendering supposes. Each Helm has an idea of its own, some of them a very old one.
	kubeVersion = "1.37.0"
	// decodeBuffer is how much of a document the decoder looks at to tell YAML from JSON.
	decodeBuffer = 4096
)

// Path returns where the chart is.
func Path(t testing.TB) string {
	t.Helper()
	root, err := cluster.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "charts", "wheelhouse")
}

// Helm runs bin/helm, or another one that `make helm` builds, and returns what it prints, and an error with what it says against it.
func Helm(t testing.TB, program string, args ...string) (string, error) {
	t.Helper()
	return helm(t, program, "", args...)
}

// WithValues is as Helm, with values for the chart that the arguments are about.
func WithValues(t testing.TB, program, values string, args ...string) (string, error) {
	t.Helper()
	return helm(t, program, values, append(args, "--values", "-")...)
}

func helm(t testing.TB, program, input string, args ...string) (string, error) {
	t.Helper()
	binary, err := cluster.Binary(program)
	if err != nil {
		t.Fatalf("%v and `make helm`", err)
	}
	var problems bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(input), &problems
	out, err := cmd.Output()
	if err != nil {
		err = errors.New(strings.TrimSpace(problems.String()))
	}
	return string(out), err
}

// Template returns the manifests of values, which are YAML, or why there are none. The namespace is wheelhouse unless further arguments
// name another one.
func Template(t testing.TB, program, chart, values string, args ...string) (string, error) {
	t.Helper()
	return WithValues(t, program, values, append([]string{"template", Release, chart, "--namespace", "wheelhouse", "--kube-version", kubeVersion}, args...)...)
}

// Render returns the objects that the chart makes of values.
func Render(t testing.TB, values string, args ...string) []*unstructured.Unstructured {
	t.Helper()
	return RenderAt(t, Path(t), values, args...)
}

// RenderAt returns the objects that a chart makes of values.
func RenderAt(t testing.TB, chart, values string, args ...string) []*unstructured.Unstructured {
	t.Helper()
	text, err := Template(t, "helm", chart, values, args...)
	if err != nil {
		t.Fatalf("render %q: %v", values, err)
	}
	return Objects(t, text)
}

// Objects returns the objects of a manifest.
func Objects(t testing.TB, manifest string) []*unstructured.Unstructured {
	t.Helper()
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifest), decodeBuffer)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatalf("decode a manifest: %v\n%s", err, manifest)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

// As returns the object as a type of the API.
func As[T any](t testing.TB, object *unstructured.Unstructured) T {
	t.Helper()
	text, err := object.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var typed T
	if err := json.Unmarshal(text, &typed); err != nil {
		t.Fatalf("read %s %s: %v", object.GetKind(), object.GetName(), err)
	}
	return typed
}

// Find returns the one object of the kind, and nil where there is none.
func Find(t testing.TB, objects []*unstructured.Unstructured, kind string) *unstructured.Unstructured {
	t.Helper()
	var found *unstructured.Unstructured
	for _, object := range objects {
		if object.GetKind() != kind || IsHook(object) {
			continue
		}
		if found != nil {
			t.Fatalf("there are several %ss: %s and %s", kind, found.GetName(), object.GetName())
		}
		found = object
	}
	return found
}

// IsHook reports whether the object is made only for `helm test`.
func IsHook(object *unstructured.Unstructured) bool {
	return object.GetAnnotations()["helm.sh/hook"] != ""
}
