package install

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/chart"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	// gap is the longest that a new Deployment may wait for its first pod while the release that works on it is upgraded.
	gap = time.Second
	// idle is a wait in the middle up to which the machine has nothing else to do. On one that is busy with something else all wait, and
	// the longest by slack times that longer. A lease that isn't handed over costs 15 s.
	idle  = 150 * time.Millisecond
	slack = 3
)

const selfHosted = `
controllers: [deployment, replicaset]
kubeAPI: {qps: 500, burst: 500}
podAnnotations: {` + notReady + `: "false"}
`

// A release that drives its own Deployment is upgraded and rolled back under a stream of new Deployments, none of which waits long.
func TestUpgradeLeavesNoGap(t *testing.T) {
	client := shared.Client(t)
	ns := strict(t, client)
	k := newKubelet(t, client, ns)
	k.bootstrap(selfHosted)

	stop := startStream(t, client)
	k.helm(selfHosted+"logging: {verbosity: 1}", wait("upgrade", chart.Release, chart.Path(t))...)
	k.helm("", wait("rollback", chart.Release, "1")...)
	waits := stop()

	slices.Sort(waits)
	middle, longest := waits[len(waits)/2], waits[len(waits)-1]
	t.Logf("%d Deployments waited %v in the middle, %v at most, while 4 pods were replaced", len(waits), middle, longest)
	most := gap
	if middle > idle {
		most += slack * middle
	}
	if longest > most {
		t.Errorf("a Deployment waited %v for its first pod, want at most %v", longest, most)
	}
	if n := len(k.running); n < 6 {
		t.Errorf("%d pods have run, want 6: an upgrade and a rollback replace two each", n)
	}
	for _, p := range k.alive() {
		t.Logf("a replica holds %d MiB", p.RSS(t)>>20)
	}
}

// bootstrap installs the release with the help of a replica outside, which leaves when the release's own are there.
func (k *kubelet) bootstrap(values string) {
	k.t.Helper()
	first := cluster.Wheelhouse(k.t, "--kubeconfig", shared.Kubeconfig, "--controllers=deployment,replicaset",
		"--leader-elect-resource-name", chart.Release, "--leader-elect-resource-namespace", k.ns)
	first.WaitForLog(k.t, `replicaset controller state .*"Running"`)
	k.helm(values, wait("install", chart.Release, chart.Path(k.t))...)
	k.t.Cleanup(func() { helm(k.t, k.ns, "", "uninstall", chart.Release) })
	first.Signal(k.t, syscall.SIGTERM)
	if status := first.Wait(k.t); status != 0 {
		k.t.Errorf("the replica outside ended with status %d", status)
	}
	cluster.Eventually(k.t, "one of the release's pods to lead", func() bool {
		return slices.ContainsFunc(k.alive(), func(p *running) bool { return p.HasLog(`replicaset controller state .*"Running"`) })
	})
}

// helm runs Helm while the kubelet looks after the pods.
func (k *kubelet) helm(values string, args ...string) {
	k.t.Helper()
	args = append(args, "--kubeconfig", shared.Kubeconfig, "--namespace", k.ns)
	err := k.during(func() error {
		if values == "" {
			_, err := chart.Helm(k.t, "helm", args...)
			return err
		}
		_, err := chart.WithValues(k.t, "helm", values, args...)
		return err
	})
	if err != nil {
		k.t.Fatalf("helm %q: %v", args, err)
	}
}
