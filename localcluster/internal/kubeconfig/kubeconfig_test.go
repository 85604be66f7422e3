package kubeconfig

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/pki"
)

const server = "https://127.0.0.1:12345"

func encode(t *testing.T) []byte {
	t.Helper()
	authority, _, err := pki.OpenAuthority(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := authority.Issue(pki.Request{User: "jane"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := Encode(server, "jane", authority.CertPEM(), pair)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestClientsAcceptIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := WriteFile(path, encode(t)); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kubernetes.NewForConfig(config); err != nil {
		t.Errorf("a client refuses it: %v", err)
	}
	got, err := Server(path)
	if err != nil || got != server {
		t.Errorf("Server: got %q, error %v; want %q", got, err, server)
	}
}

func TestWriteFileNarrowsTheMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, encode(t)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %s, want 0600: it holds a private key", info.Mode())
	}
}

func TestServerOfAForeignKubeconfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte("apiVersion: v1\nkind: Config\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Server(path); err == nil {
		t.Errorf("got %q, want an error: there is no cluster in it", got)
	}
}
