package manager

import (
	"net/http"
	"testing"
)

func TestWriteOf(t *testing.T) {
	tests := []struct {
		method, path, base string
		want               string // "" for what is no write
	}{
		{http.MethodGet, "/api/v1/namespaces/default/pods/a", "/", ""},
		{http.MethodPost, "/api/v1/namespaces/default/pods", "/", "create pods"},
		{http.MethodPost, "/api/v1/namespaces/default/pods/a/eviction", "/", "create pods/eviction"},
		{http.MethodPut, "/apis/apps/v1/namespaces/default/replicasets/a/scale", "/", "update replicasets.apps/scale"},
		{http.MethodPatch, "/apis/apps/v1/namespaces/default/deployments/a/status", "/", "patch deployments.apps/status"},
		{http.MethodDelete, "/api/v1/namespaces/default/pods/a", "/", "delete pods"},
		{http.MethodDelete, "/api/v1/namespaces/default/pods", "/", "deletecollection pods"},
		{http.MethodDelete, "/api/v1/nodes/a", "/", "delete nodes"},
		{http.MethodPost, "/api/v1/namespaces", "/", "create namespaces"},
		{http.MethodDelete, "/api/v1/namespaces/default", "/", "delete namespaces"},
		{http.MethodPut, "/api/v1/namespaces/default/finalize", "/", "update namespaces/finalize"},
		{http.MethodPatch, "/api/v1/namespaces/default/status", "/", "patch namespaces/status"},
		{http.MethodDelete, "/clusters/one/apis/apps/v1/namespaces/default/replicasets/a", "/clusters/one", "delete replicasets.apps"},
		{http.MethodDelete, "/clusters/one/api/v1/nodes/a", "/clusters/one/", "delete nodes"},
		{http.MethodPost, "/api/v1/namespaces/default/services/a/proxy/some/path", "/", "create services/proxy"},
		{http.MethodPost, "/somewhere/else/a", "/", "create other"},
		{http.MethodPost, "/", "", "create other"},
		{http.MethodPost, "/apis/apps/v1", "", "create other"},
	}
	for _, tt := range tests {
		verb, resource, isWrite := writeOf(tt.method, tt.path, tt.base)
		got := ""
		if isWrite {
			got = verb + " " + resource
		}
		if got != tt.want {
			t.Errorf("%s %s below %q is %q, want %q", tt.method, tt.path, tt.base, got, tt.want)
		}
	}
}
