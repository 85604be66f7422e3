package supervise

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// reports collects what a supervisor reports.
type reports struct {
	mu    sync.Mutex
	lines []string // guarded by mu
}

func (r *reports) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func (r *reports) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

func shell(t *testing.T, script string) Process {
	dir := t.TempDir()
	return Process{
		Name:        "child",
		Path:        "/bin/sh",
		Args:        []string{"-c", script},
		LogFile:     filepath.Join(dir, "child.log"),
		PIDFile:     filepath.Join(dir, "child.pid"),
		Advice:      "try something else",
		StopTimeout: 5 * time.Second,
	}
}

// pid waits for the child's pid file to hold a pid other than the one before.
func pid(t *testing.T, process Process, before int) int {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		content, err := os.ReadFile(process.PIDFile)
		if err != nil {
			continue
		}
		if pid, err := strconv.Atoi(strings.TrimSpace(string(content))); err == nil && pid != before {
			return pid
		}
	}
	t.Fatal("the child was not started (again) within 10 s")
	return 0
}

// said waits for the words in the child's log.
func said(t *testing.T, process Process, words string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if content, err := os.ReadFile(process.LogFile); err == nil && strings.Contains(string(content), words) {
			return
		}
	}
	t.Fatalf("the child didn't say %q within 10 s", words)
}

func gone(pid int) bool { return syscall.Kill(pid, 0) != nil }

func TestSettledChildIsStartedAgain(t *testing.T) {
	var reports reports
	supervisor := New(time.Millisecond, reports.add)
	defer supervisor.Stop()
	process := shell(t, "echo hello; exec sleep 60")
	child, err := supervisor.Start(process)
	if err != nil {
		t.Fatal(err)
	}
	child.Settle()
	first := pid(t, process, 0)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	pid(t, process, first)
	want := "child ended (signal: killed); starting it again in 1ms"
	if got := reports.all(); got != want {
		t.Errorf("reported %q, want %q", got, want)
	}
}

func TestEndBeforeSettledIsAFailure(t *testing.T) {
	supervisor := New(time.Millisecond, t.Logf)
	defer supervisor.Stop()
	process := shell(t, "echo 'E1124 03:50:24.319156   23347 run.go:72] \"no such flag\"'; echo bye; exit 3")
	if _, err := supervisor.Start(process); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-supervisor.Failed():
		want := `child ended (exit status 3): "no such flag" (its log: ` + process.LogFile + "); try something else"
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no failure was told within 10 s")
	}
}

func TestStopEndsEveryChild(t *testing.T) {
	for _, test := range []struct {
		name, script string
		timeout      time.Duration
		suspend      bool
	}{
		{name: "that obeys", script: "echo started; exec sleep 60", timeout: time.Minute},
		{name: "that is suspended", script: "echo started; exec sleep 60", timeout: time.Minute, suspend: true},
		{name: "that doesn't obey", script: "trap '' TERM; echo started; while true; do sleep 0.1; done", timeout: 200 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			supervisor := New(time.Millisecond, t.Logf)
			process := shell(t, test.script)
			process.StopTimeout = test.timeout
			child, err := supervisor.Start(process)
			if err != nil {
				t.Fatal(err)
			}
			child.Settle()
			pid := pid(t, process, 0)
			said(t, process, "started")
			if test.suspend {
				if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
					t.Fatal(err)
				}
			}
			supervisor.Stop()
			if !gone(pid) {
				t.Errorf("process %d is still there", pid)
			}
			if _, err := os.Stat(process.PIDFile); err == nil {
				t.Error("the pid file is still there")
			}
		})
	}
}

func TestLogOfTheLastRunIsKept(t *testing.T) {
	process := shell(t, "echo this run; exec sleep 60")
	if err := os.WriteFile(process.LogFile, []byte("last run\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	supervisor := New(time.Millisecond, t.Logf)
	child, err := supervisor.Start(process)
	if err != nil {
		t.Fatal(err)
	}
	child.Settle()
	pid(t, process, 0)
	supervisor.Stop()
	content, err := os.ReadFile(process.LogFile + ".1")
	if err != nil || string(content) != "last run\n" {
		t.Errorf("got %q, error %v; want the last run's log", content, err)
	}
}
