package integration

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// demo runs what `make run` runs once all is built, with its data in the folder, and tells it to end when the test ends: the
// programs that it started end with it.
func demo(t *testing.T, dir, kubeconfig string) *cluster.Process {
	t.Helper()
	root, err := cluster.Root()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("RUN_DIR", dir)
	t.Setenv("KUBECONFIG", kubeconfig)
	t.Setenv("STATUS_PORT", cluster.FreePort(t))
	p := cluster.Start(t, filepath.Join(root, "test", "demo", "run"))
	t.Cleanup(func() {
		if p.Running() {
			p.Signal(t, syscall.SIGTERM)
			p.Wait(t)
		}
	})
	return p
}

// watchAndInterrupt waits until the demonstration has shown what it is for, and ends it as Ctrl-C does.
func watchAndInterrupt(t *testing.T, p *cluster.Process) {
	t.Helper()
	for _, line := range []string{
		`podsync pod changed .*"wheelhouse-demo/quick".*"became ready"`,
		`podsync pod changed .*"wheelhouse-demo/slow".*"became ready"`,
		`podsync .*"wheelhouse-demo/crashing".*"CrashLoopBackOff"`,
		`cluster +bin/kubectl --kubeconfig /`,
		`metrics +http://127\.0\.0\.1:\d+/metrics`,
		`health +http://127\.0\.0\.1:\d+/readyz`,
	} {
		p.WaitForLog(t, line)
	}
	p.Signal(t, syscall.SIGINT)
	if status := p.Wait(t); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
}

func TestDemonstrationOnAClusterOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	p := demo(t, dir, "")
	p.WaitForLog(t, `rolling it out anew`)
	watchAndInterrupt(t, p)
	for _, want := range []string{
		`podsync controller state .*"Running"`, `replicaset controller state .*"Running"`, `deployment controller state .*"Running"`,
		`deployment "shop" successfully rolled out`, `2 +<none>`,
	} {
		if !p.HasLog(want) {
			t.Errorf("no log line %s", want)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "cluster", "run", "*.pid"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("components are left: %v", left)
	}
}

func TestDemonstrationOnAnotherCluster(t *testing.T) {
	client := shared.Client(t)
	t.Cleanup(func() {
		// What can't be deleted goes with the cluster.
		_ = client.CoreV1().Namespaces().Delete(context.Background(), "wheelhouse-demo", metav1.DeleteOptions{})
	})
	p := demo(t, t.TempDir(), shared.Kubeconfig)
	watchAndInterrupt(t, p)
	if p.HasLog(`(replicaset|deployment) controller state`) {
		t.Error("a controller that writes runs on a cluster where another may be at it")
	}
	if _, err := client.CoreV1().Pods("wheelhouse-demo").Get(t.Context(), "quick", metav1.GetOptions{}); err != nil {
		t.Errorf("the other cluster has lost a pod: %v", err)
	}
}
