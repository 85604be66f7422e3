// Package failover tests what becomes of the work when the replica that leads is told to end, killed, paused or cut off.
//
// `make test` runs each scenario once, with short leases. `make test-failover` runs them with the default ones, as often as a claim
// needs, kube-controller-manager beside ours where the scenario fits it, and writes docs/availability.md if all have passed.
package failover

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// shared is the one cluster of this package's tests, set by TestMain.
var shared *cluster.Cluster

// results are what the tests of this run have seen.
var results report

func TestMain(m *testing.M) {
	status := cluster.Run(m, func(c *cluster.Cluster) { shared = c }, "--nodes", "2", "--audit")
	if path := os.Getenv("WHEELHOUSE_AVAILABILITY"); path != "" {
		draft, err := results.publish(path, status == 0)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		} else if draft != "" {
			fmt.Fprintf(os.Stderr, "not all tests have passed: %s is left as it was, and what was seen is in %s\n", path, draft)
		}
	}
	os.Exit(status)
}

// isLong reports whether scenarios run with the default lease.
func isLong() bool { return os.Getenv("WHEELHOUSE_LONG") == "1" }

// runs returns how often a scenario is run: once, or as often as asked for, up to most.
func runs(most int) int {
	if !isLong() {
		return 1
	}
	if asked, err := strconv.Atoi(os.Getenv("WHEELHOUSE_RUNS")); err == nil {
		return min(asked, most)
	}
	return most
}
