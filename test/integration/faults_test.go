package integration

import (
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

func TestWorkResumesWhenTheAPIServerComesBack(t *testing.T) {
	client, ns := namespace(t)
	p := wheelhouse(t, "--controllers=podsync", "--podsync-namespace", ns)
	cluster.Eventually(t, "readiness", func() bool { code, _ := p.Get("/readyz"); return code == 200 })

	shared.Signal(t, "kube-apiserver", syscall.SIGKILL)
	cluster.Eventually(t, "readyz to tell that the API server is away", func() bool {
		code, body := p.Get("/readyz")
		return code == 503 && strings.Contains(body, "[-]api-server failed: ")
	})
	if code, _ := p.Get("/livez"); code != 200 {
		t.Errorf("livez answers %d while the API server is away, want 200: a restart of the process would help nobody", code)
	}
	cluster.Eventually(t, "readiness after the API server is back", func() bool { code, _ := p.Get("/readyz"); return code == 200 })
	cluster.Eventually(t, "a new pod to be accepted", func() bool {
		_, err := client.CoreV1().Pods(ns).Create(t.Context(), cluster.Pod("late"), metav1.CreateOptions{})
		return err == nil
	})
	p.WaitForLog(t, ns+`/late`)
	if !p.Running() {
		t.Error("the process has ended")
	}
}

func TestMissingPermissionIsNamedAndHealsWhenGranted(t *testing.T) {
	_, ns := namespace(t)
	user := "reader-of-" + ns
	p := cluster.Wheelhouse(t, "--kubeconfig", shared.User(t, user), "--leader-elect=false", "--controllers=podsync")
	p.WaitForLog(t, `podsync .*forbidden: list pods, watch pods`)
	if code, body := p.Get("/readyz"); code != 503 || !strings.Contains(body, "[-]podsync failed: forbidden: list pods, watch pods") {
		t.Errorf("readyz = %d %s", code, body)
	}
	shared.Kubectl(t, "create", "clusterrole", user, "--verb=list,watch", "--resource=pods")
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole="+user, "--user="+user)
	t.Cleanup(func() {
		shared.Kubectl(t, "delete", "clusterrole/"+user, "clusterrolebinding/"+user)
	})
	cluster.Eventually(t, "readiness", func() bool { code, _ := p.Get("/readyz"); return code == 200 })
	p.WaitForLog(t, `podsync controller state .*"Running"`)
}

func TestPermissionThatIsTakenAwayIsNamed(t *testing.T) {
	_, ns := namespace(t)
	user := "former-reader-of-" + ns
	shared.Kubectl(t, "create", "clusterrole", user, "--verb=list,watch", "--resource=pods")
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole="+user, "--user="+user)
	t.Cleanup(func() {
		shared.Kubectl(t, "delete", "clusterrole/"+user, "clusterrolebinding/"+user, "--ignore-not-found")
	})
	p := cluster.Wheelhouse(t, "--kubeconfig", shared.User(t, user), "--leader-elect=false", "--controllers=podsync")
	p.WaitForLog(t, `podsync controller state .*"Running"`)
	shared.Kubectl(t, "delete", "clusterrolebinding/"+user)
	shared.Signal(t, "kube-apiserver", syscall.SIGKILL) // ends the watch, which was allowed to begin
	p.WaitForLog(t, `podsync controller works on old caches .*pods is forbidden`)
	if code, body := p.Get("/readyz"); code != 503 || !strings.Contains(body, "[-]podsync failed: pods: ") {
		t.Errorf("readyz = %d %s", code, body)
	}
	cluster.Eventually(t, "the API server to take requests again", func() bool {
		_, err := shared.Client(t).CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{Limit: 1})
		return err == nil
	})
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole="+user, "--user="+user)
	cluster.Eventually(t, "readiness", func() bool { code, _ := p.Get("/readyz"); return code == 200 })
}

func TestUnreachableAPIServerIsWaitedFor(t *testing.T) {
	p := cluster.Wheelhouse(t, "--master", "https://127.0.0.1:"+cluster.FreePort(t), "--controllers=podsync")
	p.WaitForLog(t, `podsync controller is still waiting .*connection refused`)
	if code, body := p.Get("/readyz"); code != 503 || !strings.Contains(body, "connection refused") {
		t.Errorf("readyz = %d %s", code, body)
	}
	p.Signal(t, syscall.SIGTERM)
	if status := p.Wait(t); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
}

func TestSilentAPIServerIsWaitedFor(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := cluster.Wheelhouse(t, "--master", "http://"+listener.Addr().String(), "--controllers=podsync")
	p.WaitForLog(t, `podsync controller is still waiting .*can't ask the API server`)
	begin := time.Now()
	p.Signal(t, syscall.SIGTERM)
	if status := p.Wait(t); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
	t.Logf("ended %v after SIGTERM", time.Since(begin).Round(time.Millisecond))
}
