// Package integration tests wheelhouse as a process of its own against a real API server.
package integration

import (
	"os"
	"testing"

	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// shared is the one cluster of this package's tests, set by TestMain.
var shared *cluster.Cluster

func TestMain(m *testing.M) {
	os.Exit(cluster.Run(m, func(c *cluster.Cluster) { shared = c }, "--nodes", "2"))
}

// wheelhouse runs the manager without rivals as the administrator.
func wheelhouse(t *testing.T, args ...string) *cluster.Process {
	t.Helper()
	return cluster.Wheelhouse(t, append([]string{"--kubeconfig", shared.Kubeconfig, "--leader-elect=false", "--rival-check=off"}, args...)...)
}

// namespace returns a client and the name of a new namespace.
func namespace(t *testing.T) (kubernetes.Interface, string) {
	t.Helper()
	client := shared.Client(t)
	return client, cluster.Namespace(t, client)
}
