package jsonpatch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/jsonpatch"
)

func TestPatch(t *testing.T) {
	object := func(annotations map[string]string) metav1.Object {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "me", Generation: 7, ResourceVersion: "42", Annotations: annotations}}
	}
	const isMe = `[{"op":"test","path":"/metadata/uid","value":"me"},`
	for _, tc := range []struct {
		name   string
		object metav1.Object
		build  func(*jsonpatch.Patch, metav1.Object)
		want   string
	}{
		{"sets a field", object(nil), func(p *jsonpatch.Patch, _ metav1.Object) { p.Set(3, "spec", "replicas") },
			isMe + `{"op":"add","path":"/spec/replicas","value":3}]`},
		{"only if the spec is known", object(nil), func(p *jsonpatch.Patch, o metav1.Object) { p.IfSpecOf(o); p.Set(0, "spec", "replicas") },
			isMe + `{"op":"test","path":"/metadata/generation","value":7},{"op":"add","path":"/spec/replicas","value":0}]`},
		{"adds annotations in order, with escaped names", object(map[string]string{}),
			func(p *jsonpatch.Patch, o metav1.Object) { p.Annotate(o, map[string]string{"b": "2", "a~/c": "1"}) },
			isMe + `{"op":"add","path":"/metadata/annotations/a~0~1c","value":"1"},{"op":"add","path":"/metadata/annotations/b","value":"2"}]`},
		{"gives annotations to an object that has none, unless it has changed", object(nil),
			func(p *jsonpatch.Patch, o metav1.Object) { p.Annotate(o, map[string]string{"a": "1"}) },
			isMe + `{"op":"test","path":"/metadata/resourceVersion","value":"42"},{"op":"add","path":"/metadata/annotations","value":{"a":"1"}}]`},
		{"no annotations need nothing", object(nil), func(p *jsonpatch.Patch, o metav1.Object) { p.Annotate(o, nil); p.Set(1, "spec") },
			isMe + `{"op":"add","path":"/spec","value":1}]`},
		{"changes annotations to others", object(map[string]string{"stays": "1", "changes": "1", "x/goes": "1"}),
			func(p *jsonpatch.Patch, o metav1.Object) {
				p.Reannotate(o, map[string]string{"stays": "1", "changes": "2", "comes": "1"})
			},
			isMe + `{"op":"add","path":"/metadata/annotations/changes","value":"2"},{"op":"add","path":"/metadata/annotations/comes","value":"1"},` +
				`{"op":"remove","path":"/metadata/annotations/x~1goes","value":null}]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := jsonpatch.For(tc.object)
			tc.build(p, tc.object)
			got, err := p.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Errorf("patch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNoJSONIsAnError(t *testing.T) {
	p := jsonpatch.For(&corev1.Pod{})
	p.Set(func() {}, "spec")
	if _, err := p.Bytes(); err == nil {
		t.Error("no error for a value that JSON has no words for")
	}
}
