// Package browser looks at the status page with a real browser: Debian's Chromium, without a window. It is a module of its own, so that
// nobody who imports the host gets the driver of a browser with it.
package browser

import (
	"os"
	"testing"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// shared is the one cluster of this package's tests, set by TestMain.
var shared *cluster.Cluster

func TestMain(m *testing.M) {
	os.Exit(cluster.Run(m, func(c *cluster.Cluster) { shared = c }, "--nodes", "2"))
}
