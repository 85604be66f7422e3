// Package cluster runs the local control plane, and programs against it, for tests.
//
// A package of tests has one cluster: its TestMain calls [Run], and each test works in a namespace of its own.
package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// readyTimeout bounds the start of the control plane: it takes 5 s on an idle machine, and tests run on busy ones.
	readyTimeout = 2 * time.Minute
	// stopTimeout bounds how long a program may take to end.
	stopTimeout = time.Minute
)

// Cluster is a control plane on loopback.
type Cluster struct {
	Dir        string // its data, certificates, kubeconfigs and logs
	Kubeconfig string // of an administrator
	cmd        *exec.Cmd
	ended      chan struct{}
}

// Run starts a cluster with the given flags beside --dir and --port-base, hands it to use, runs the tests and returns the
// status to exit with. Without the programs that `make build` makes it fails: a test that runs nothing must not pass.
func Run(m *testing.M, use func(*Cluster), flags ...string) int {
	dir, err := os.MkdirTemp("", "wheelhouse-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	c, err := start(dir, flags)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer c.stop()
	use(c)
	return m.Run()
}

// New starts a cluster with the given flags that ends with the test.
func New(t testing.TB, flags ...string) *Cluster {
	t.Helper()
	c, err := start(t.TempDir(), flags)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	return c
}

func start(dir string, flags []string) (*Cluster, error) {
	binary, err := Binary("localcluster")
	if err != nil {
		return nil, err
	}
	c := &Cluster{Dir: dir, ended: make(chan struct{})}
	c.cmd = exec.Command(binary, append([]string{"--dir", dir, "--port-base", "0"}, flags...)...)
	c.cmd.Stderr = os.Stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the local cluster: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the local cluster: %w", err)
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadString('\n') // an end without a line is an empty line
		line <- text
		_ = c.cmd.Wait() // how it ended is for whoever reads its standard error
		close(c.ended)
	}()
	return c, c.await(line)
}

// await waits until the cluster says that it is ready, and where its kubeconfig is.
func (c *Cluster) await(line <-chan string) error {
	select {
	case text := <-line:
		kubeconfig, ok := strings.CutPrefix(strings.TrimSpace(text), "ready ")
		if !ok {
			return errors.New("the local cluster ended before it was ready")
		}
		c.Kubeconfig = kubeconfig
		return nil
	case <-time.After(readyTimeout):
		c.stop()
		return fmt.Errorf("the local cluster was not ready within %v", readyTimeout)
	}
}

func (c *Cluster) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-c.ended:
	case <-time.After(stopTimeout):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}

// Binary returns the path of a program that `make build` makes.
func Binary(name string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, "bin", name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w; run `make build` first", err)
	}
	return path, nil
}

// Root returns the folder of the repository.
func Root() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/6ead2ce0/wheelhouse").Output()
	if err != nil {
		return "", fmt.Errorf("find the root of the repository: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Client returns a client of the administrator, without a rate limit.
func (c *Cluster) Client(t testing.TB) kubernetes.Interface {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	return c.ClientFor(t, config)
}

// ClientFor returns a client made from the config.
func (c *Cluster) ClientFor(t testing.TB, config *rest.Config) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// User returns the path of a new kubeconfig for a user who is in no groups but these and that of all users.
func (c *Cluster) User(t testing.TB, name string, groups ...string) string {
	t.Helper()
	binary, err := Binary("localcluster")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name+".kubeconfig")
	args := []string{"kubeconfig", "--dir", c.Dir, "--user", name, "--output", path}
	for _, group := range groups {
		args = append(args, "--group", group)
	}
	if out, err := exec.Command(binary, args...).CombinedOutput(); err != nil {
		t.Fatalf("mint a kubeconfig for %s: %v\n%s", name, err, out)
	}
	return path
}

// Kubectl runs kubectl as the administrator and returns what it printed.
func (c *Cluster) Kubectl(t testing.TB, args ...string) string {
	t.Helper()
	binary, err := Binary("kubectl")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary, append([]string{"--kubeconfig", c.Kubeconfig}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Signal sends a signal to a component of the control plane ("kube-apiserver"). A component that ends is started again.
func (c *Cluster) Signal(t testing.TB, component string, signal syscall.Signal) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Dir, "run", component+".pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatalf("send %v to %s: %v", signal, component, err)
	}
}

// Apply creates or changes the objects of a manifest as the administrator.
func (c *Cluster) Apply(t testing.TB, manifest string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.yaml")
	if err := os.WriteFile(path, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Kubectl(t, "apply", "-f", path)
}

// Output returns what a program that `make build` makes prints on standard output.
func Output(t testing.TB, name string, args ...string) string {
	t.Helper()
	binary, err := Binary(name)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary, args...).Output()
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return string(out)
}
