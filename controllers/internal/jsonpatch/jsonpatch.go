// Package jsonpatch makes patches (RFC 6902) that change just what they name, and only if the object is the one that was meant.
//
// Controllers patch instead of updating: what they hold is not all of the object, because caches leave parts of it out, and an
// update of the status would take those away. Nor does a patch conflict with what somebody else writes to another part.
package jsonpatch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Patch is a list of operations on one object. The API server carries out all of them or none.
type Patch struct {
	operations []operation
}

type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// For returns a patch that the API server refuses, as invalid, for another object of the same name.
func For(object metav1.Object) *Patch {
	p := &Patch{}
	p.test(object.GetUID(), "metadata", "uid")
	return p
}

// IfSpecOf makes the API server refuse the patch, as invalid, if the object's spec is another than that of the given one.
func (p *Patch) IfSpecOf(object metav1.Object) {
	if generation := object.GetGeneration(); generation > 0 { // objects without generation are there only in tests
		p.test(generation, "metadata", "generation")
	}
}

// IfAsSeen makes the API server refuse the patch, as invalid, if anything about the object has changed.
func (p *Patch) IfAsSeen(object metav1.Object) {
	if version := object.GetResourceVersion(); version != "" { // objects without version are there only in tests
		p.test(version, "metadata", "resourceVersion")
	}
}

// Set makes the value that of the field, whether or not it has one. What the field is part of must be there.
func (p *Patch) Set(value any, path ...string) {
	p.operations = append(p.operations, operation{"add", pointer(path), value})
}

// Annotate sets annotations. Those that the object is known to have tell whether there is anything to add them to: if there is
// nothing, the patch is refused, as invalid, when the object has changed.
func (p *Patch) Annotate(object metav1.Object, annotations map[string]string) {
	if len(annotations) == 0 {
		return
	}
	if object.GetAnnotations() == nil {
		p.IfAsSeen(object)
		p.Set(annotations, "metadata", "annotations")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		p.Set(annotations[key], "metadata", "annotations", key)
	}
}

// Reannotate makes the annotations that the object is known to have into the given ones, and leaves those alone that aren't known.
func (p *Patch) Reannotate(object metav1.Object, annotations map[string]string) {
	added, before := map[string]string{}, object.GetAnnotations()
	for key, value := range annotations {
		if had, ok := before[key]; !ok || had != value {
			added[key] = value
		}
	}
	p.Annotate(object, added)
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, stays := annotations[key]; !stays {
			p.operations = append(p.operations, operation{Op: "remove", Path: pointer([]string{"metadata", "annotations", key})})
		}
	}
}

func (p *Patch) test(value any, path ...string) {
	at := pointer(path)
	if !slices.ContainsFunc(p.operations, func(o operation) bool { return o.Op == "test" && o.Path == at }) {
		p.operations = append(p.operations, operation{"test", at, value})
	}
}

// Bytes returns the patch as it is sent.
func (p *Patch) Bytes() ([]byte, error) {
	text, err := json.Marshal(p.operations)
	if err != nil {
		return nil, fmt.Errorf("make JSON patch: %w", err)
	}
	return text, nil
}

// pointer returns the path as RFC 6901 writes it.
func pointer(path []string) string {
	var text strings.Builder
	for _, step := range path {
		text.WriteString("/" + strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1"))
	}
	return text.String()
}
