package faultproxy

import (
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRequestsAreRead(t *testing.T) {
	tests := []struct {
		method, target string
		want           Request
	}{
		{"GET", "/api/v1/pods", Request{Verb: "list", Resource: "pods"}},
		{"GET", "/api/v1/pods?watch=1", Request{Verb: "watch", Resource: "pods"}},
		{"GET", "/api/v1/namespaces/a/pods/b", Request{Verb: "get", Resource: "pods", Namespace: "a", Name: "b"}},
		{"PUT", "/apis/apps/v1/namespaces/a/replicasets/b/status", Request{Verb: "update", Group: "apps", Resource: "replicasets", Subresource: "status", Namespace: "a", Name: "b"}},
		{"PATCH", "/apis/apps/v1/namespaces/a/replicasets/b", Request{Verb: "patch", Group: "apps", Resource: "replicasets", Namespace: "a", Name: "b"}},
		{"DELETE", "/api/v1/namespaces/a/pods/b", Request{Verb: "delete", Resource: "pods", Namespace: "a", Name: "b"}},
		{"DELETE", "/api/v1/namespaces/a/pods", Request{Verb: "deletecollection", Resource: "pods", Namespace: "a"}},
		{"GET", "/api/v1/namespaces", Request{Verb: "list", Resource: "namespaces"}},
		{"GET", "/api/v1/namespaces/a", Request{Verb: "get", Resource: "namespaces", Name: "a"}},
		{"PUT", "/api/v1/namespaces/a/finalize", Request{Verb: "update", Resource: "namespaces", Name: "a", Subresource: "finalize"}},
		{"GET", "/apis/apps/v1", Request{Verb: "get"}},
		{"GET", "/readyz", Request{Verb: "get"}},
	}
	for _, test := range tests {
		t.Run(test.method+test.target, func(t *testing.T) {
			got := requestOf(httptest.NewRequest(test.method, test.target, nil))
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(Request{}, "Method", "Path", "Begin")); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}
