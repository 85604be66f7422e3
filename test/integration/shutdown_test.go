package integration

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// A request that isn't answered is waited for when the process is told to end, until it is told again.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	silent := proxy.Add(faultproxy.Rule{Match: podCreates(ns), Fault: faultproxy.BlackHole()})
	p := keepReplicaSets(t, proxy.Kubeconfig("admin"), fast("--controller-shutdown-timeout=1m")...)
	create(t, client, ns, replicaSet("web", 1))
	cluster.Eventually(t, "a request that isn't answered", func() bool { return silent.Applied() > 0 })
	p.Signal(t, syscall.SIGTERM)
	time.Sleep(2 * time.Second)
	if !p.Running() {
		t.Fatal("the process did not wait for its running reconcile")
	}
	begin := time.Now()
	p.Signal(t, syscall.SIGTERM)
	p.Wait(t)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it ended %v after the second signal, want at once", took)
	}
}

// maxBinary is how large the program may be, stripped as `make build` strips it.
const maxBinary = 70_000_000

func TestBinaryIsSmall(t *testing.T) {
	path, err := cluster.Binary("wheelhouse")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("bin/wheelhouse has %.1f MB", float64(info.Size())/1e6)
	if info.Size() > maxBinary {
		t.Errorf("bin/wheelhouse has %d bytes, want at most %d", info.Size(), maxBinary)
	}
}
