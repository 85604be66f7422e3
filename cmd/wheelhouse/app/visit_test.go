package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
)

const visitorsKubeconfig = `apiVersion: v1
kind: Config
current-context: a
contexts: [{name: a, context: {cluster: c, user: u}}]
clusters:
- name: c
  cluster:
    server: https://api.example:6443/path
    proxy-url: http://proxy.example:3128
    tls-server-name: api.internal
    insecure-skip-tls-verify: true
users:
- name: u
  user: {token: secret, as: somebody, as-groups: [others]}
`

// The port isn't behind the cluster's proxy, and takes nobody for somebody else.
func TestVisitorUsesOnlyWhoTheyAre(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(visitorsKubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := (&visitOptions{Address: "https://127.0.0.1:10280", Kubeconfig: file}).config()
	if err != nil {
		t.Fatal(err)
	}
	if got.Proxy != nil {
		t.Error("the config has the cluster's proxy")
	}
	want := []any{"https://127.0.0.1:10280", "secret", rest.TLSClientConfig{}, rest.ImpersonationConfig{}}
	if diff := cmp.Diff(want, []any{got.Host, got.BearerToken, got.TLSClientConfig, got.Impersonate}); diff != "" {
		t.Errorf("address, token, TLS and impersonation (-want +got)\n%s", diff)
	}
}
