package cluster

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/controlplane"
)

// TestCluster takes one cluster through its life; the steps build on each other.
func TestCluster(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	r := start(t, dir, "--nodes", "2", "--audit", "--restart-delay", "100ms")
	admin := client(t, filepath.Join(dir, "kubeconfig"))

	step := func(name string, test func(*testing.T)) {
		if !t.Run(name, test) {
			t.Fatalf("the steps after %q need it", name)
		}
	}
	step("a pod created at once gets ready", func(t *testing.T) { runPod(t, admin, "first") })
	step("only loopback is served", func(t *testing.T) { testListeners(t, r) })
	step("a second run is refused", func(t *testing.T) { testSecondRun(t, r) })
	step("a taken port is refused", testTakenPort)
	step("a minted user has its own rights", func(t *testing.T) { testMintedUser(t, dir) })
	step("the audit log knows the user", func(t *testing.T) { testAudit(t, dir) })
	step("a killed API server comes back", func(t *testing.T) { testKill(t, r, admin, controlplane.APIServer) })
	step("so do the fake nodes", func(t *testing.T) { testKill(t, r, admin, controlplane.Kwok) })
	step("stopping leaves no process", r.stop)

	r = start(t, dir, "--nodes", "3")
	admin = client(t, filepath.Join(dir, "kubeconfig"))
	step("a restart keeps the data", func(t *testing.T) {
		if _, err := admin.CoreV1().Pods(metav1.NamespaceDefault).Get(t.Context(), "first", metav1.GetOptions{}); err != nil {
			t.Error(err)
		}
		runPod(t, admin, "second")
	})
	step("and adds the node that is new", func(t *testing.T) {
		if _, err := admin.CoreV1().Nodes().Get(t.Context(), "node-2", metav1.GetOptions{}); err != nil {
			t.Error(err)
		}
	})
	step("it stops again", r.stop)
}

func TestClusterWithoutControllers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	r := start(t, dir, "--nodes", "1", "--kcm-controllers", controlplane.NoControllers)
	if pid, ok := r.pids(t)[controlplane.ControllerManager]; ok {
		t.Errorf("kube-controller-manager runs (pid %d)", pid)
	}
	runPod(t, client(t, filepath.Join(dir, "kubeconfig")), "first")
	r.stop(t)
}

func TestClusterTellsWhyItFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"unknown flag", []string{"--dirr", dir}, 2, "localcluster: unknown flag: --dirr"},
		{"no folder", nil, 2, "localcluster: --dir: must name"},
		{"negative", []string{"--dir", dir, "--nodes=-1"}, 2, "localcluster: --nodes -1: must not be negative"},
		{"unknown command", []string{"strat"}, 2, `localcluster: unknown command "strat"`},
		{"nothing to mint from", []string{"kubeconfig", "--dir", dir, "--user", "jane"}, 1, "no cluster in it"},
		{"no user to mint for", []string{"kubeconfig", "--dir", dir}, 2, "localcluster: --user: must name a user"},
		{"a bad flag of a component", []string{"--dir", dir, "--kube-apiserver-arg=--no-such=flag"}, 1,
			"localcluster: kube-apiserver ended (exit status 1): Error: unknown flag: --no-such"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, said := refuse(t, test.args...)
			last := said[strings.LastIndex(said, "\n")+1:]
			if code != test.code || !strings.Contains(last, test.want) {
				t.Errorf("got exit code %d and %q, want %d and %q", code, last, test.code, test.want)
			}
		})
	}
}

// runPod creates a pod and waits until it is ready.
func runPod(t *testing.T, client kubernetes.Interface, name string) {
	t.Helper()
	pods := client.CoreV1().Pods(metav1.NamespaceDefault)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "image"}}},
	}
	if _, err := pods.Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pod "+name+" is ready", 20*time.Second, func(ctx context.Context) error {
		pod, err := pods.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				return nil
			}
		}
		return fmt.Errorf("it is %s, conditions %v", pod.Status.Phase, pod.Status.Conditions)
	})
}

func testListeners(t *testing.T, r *running) {
	addresses := listeners(t)
	want := map[string]int{"supervisor": 0, "etcd": 2, "kube-apiserver": 1, "kube-scheduler": 1, "kube-controller-manager": 1, "kwok": 0}
	pids := r.pids(t)
	pids["supervisor"] = r.cmd.Process.Pid
	for name, pid := range pids {
		if got := checkLoopback(t, name, pid, addresses); got != want[name] {
			t.Errorf("%s has %d listeners, want %d", name, got, want[name])
		}
	}
}

func testSecondRun(t *testing.T, r *running) {
	code, said := refuse(t, "--dir", r.dir)
	want := fmt.Sprintf("localcluster: --dir %s: in use by another localcluster (pid %d)", r.dir, r.cmd.Process.Pid)
	if code != 1 || said != want {
		t.Errorf("got exit code %d and %q, want 1 and %q", code, said, want)
	}
}

func testTakenPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	code, said := refuse(t, "--dir", filepath.Join(t.TempDir(), "other"), "--port-base", strconv.Itoa(port))
	want := fmt.Sprintf("localcluster: port %d (--port-base+0, for kube-apiserver) is in use; choose another --port-base", port)
	if code != 1 || said != want {
		t.Errorf("got exit code %d and %q, want 1 and %q", code, said, want)
	}
}

func testMintedUser(t *testing.T, dir string) {
	kubeconfig := filepath.Join(t.TempDir(), "jane")
	output, err := exec.CommandContext(t.Context(), program(t),
		"kubeconfig", "--dir", dir, "--user", "jane", "--group", "devs", "--output", kubeconfig).CombinedOutput()
	if err != nil || len(output) > 0 {
		t.Fatalf("mint: got %v and output %q, want success and none", err, output)
	}
	_, err = client(t, kubeconfig).CoreV1().Pods(metav1.NamespaceDefault).List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `User "jane"`) {
		t.Errorf("list pods: got error %v, want it forbidden for jane", err)
	}
}

func testAudit(t *testing.T, dir string) {
	log, err := os.ReadFile(filepath.Join(dir, "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, `"username":"jane"`) && strings.Contains(line, `"verb":"list"`) && strings.Contains(line, `"code":403`) {
			return
		}
	}
	t.Error("no line about jane's refused list of pods")
}

// testKill kills a component and checks that it is back, at the same place and with its data.
func testKill(t *testing.T, r *running, client kubernetes.Interface, name string) {
	before := r.pids(t)[name]
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, name+" is started again", 20*time.Second, func(context.Context) error {
		if after := r.pids(t)[name]; after == 0 || after == before {
			return fmt.Errorf("its pid was %d and is %d", before, after)
		}
		return nil
	})
	eventually(t, "the API is served", 30*time.Second, func(ctx context.Context) error {
		_, err := client.CoreV1().Pods(metav1.NamespaceDefault).Get(ctx, "first", metav1.GetOptions{})
		return err
	})
	runPod(t, client, "after-"+name)
}
