package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// readyWithin is far above the seconds an idle machine takes: others may be building on the same cores.
	readyWithin = 60 * time.Second
	pollEvery   = 50 * time.Millisecond
)

// program returns the path of the built program, or skips the test.
func program(t *testing.T) string {
	t.Helper()
	path := os.Getenv("LOCALCLUSTER_BIN")
	if path == "" {
		path = filepath.Join("..", "..", "..", "bin", "localcluster")
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no program to test: %v; build it with `make` in localcluster, or name it in LOCALCLUSTER_BIN", err)
	}
	return path
}

// running is a cluster that the test has started.
type running struct {
	dir    string
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	ended  chan error
}

// start runs a cluster and returns when it says that it is ready.
func start(t *testing.T, dir string, args ...string) *running {
	t.Helper()
	began := time.Now()
	r := &running{dir: dir, stderr: &bytes.Buffer{}, ended: make(chan error, 1)}
	r.cmd = exec.Command(program(t), append([]string{"--dir", dir, "--port-base", "0"}, args...)...)
	r.cmd.Stderr = r.stderr
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.cmd.Process.Kill() })
	line := make(chan string, 1)
	go func() {
		scanner := bufio.NewScanner(stdout)
		scanner.Scan()
		line <- scanner.Text()
		for scanner.Scan() {
			t.Errorf("unexpected second line on stdout: %s", scanner.Text())
		}
		r.ended <- r.cmd.Wait()
	}()
	select {
	case got := <-line:
		if want := "ready " + filepath.Join(dir, "kubeconfig"); got != want {
			<-r.ended
			t.Fatalf("got line %q, want %q; stderr:\n%s", got, want, r.stderr)
		}
	case <-time.After(readyWithin):
		t.Fatalf("not ready within %s", readyWithin)
	}
	t.Logf("ready after %s", time.Since(began).Round(100*time.Millisecond))
	return r
}

// stop ends the cluster in order and checks that nothing of it is left.
func (r *running) stop(t *testing.T) {
	t.Helper()
	pids := r.pids(t)
	if len(pids) < 4 {
		t.Errorf("got pids %v, want one for each component", pids)
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-r.ended:
		if err != nil {
			t.Errorf("ended with %v, want success; stderr:\n%s", err, r.stderr)
		}
	case <-time.After(readyWithin):
		t.Fatalf("not ended within %s of SIGTERM", readyWithin)
	}
	for name, pid := range pids {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("%s (pid %d) is still there", name, pid)
		}
	}
}

// pids returns the process ids of the components, as their pid files tell.
func (r *running) pids(t *testing.T) map[string]int {
	t.Helper()
	pids := map[string]int{}
	files, err := filepath.Glob(filepath.Join(r.dir, "run", "*.pid"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it ended meanwhile
		}
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		pids[strings.TrimSuffix(filepath.Base(file), ".pid")] = pid
	}
	return pids
}

func client(t *testing.T, kubeconfig string) kubernetes.Interface {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// refuse runs the program with arguments that it must refuse, and returns its exit code and what it said.
func refuse(t *testing.T, args ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readyWithin)
	defer cancel()
	output, err := exec.CommandContext(ctx, program(t), args...).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("%v: got %v, want a refusal; output:\n%s", args, err, output)
	}
	return exit.ExitCode(), strings.TrimSpace(string(output))
}

// eventually waits until check returns nil.
func eventually(t *testing.T, what string, within time.Duration, check func(context.Context) error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(pollEvery) {
		if err = check(t.Context()); err == nil {
			return
		}
	}
	t.Fatalf("%s: not within %s: %v", what, within, err)
}
