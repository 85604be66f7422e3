package cluster

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a program that a test started, wheelhouse or one made of it.
type Process struct {
	cmd   *exec.Cmd
	log   *log
	ended chan struct{} // closed when it has ended
}

// outputDelay is how long the output of a program that has ended may be held open by what it started.
const outputDelay = 5 * time.Second

// Wheelhouse runs bin/wheelhouse with the arguments, and with a free status port, until the test ends. It has no secure port unless the
// arguments name one.
func Wheelhouse(t testing.TB, args ...string) *Process {
	t.Helper()
	binary, err := Binary("wheelhouse")
	if err != nil {
		t.Fatal(err)
	}
	return Start(t, binary, append([]string{"--status-port", FreePort(t), "--secure-port", "0"}, args...)...)
}

// OutOfTree runs bin/outoftree, the program with somebody else's controllers, likewise.
func OutOfTree(t testing.TB, args ...string) *Process {
	t.Helper()
	binary, err := Binary("outoftree")
	if err != nil {
		t.Fatal(err)
	}
	return Start(t, binary, append([]string{"--status-port", FreePort(t), "--secure-port", "0"}, args...)...)
}

// Start runs a program until the test ends.
func Start(t testing.TB, binary string, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(binary, args...), log: &log{}, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.WaitDelay = outputDelay
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the status is asked for where it matters
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended by itself
		<-p.ended
		if t.Failed() {
			t.Logf("log of %s %s:\n%s", binary, strings.Join(args, " "), p.log.tail())
		}
	})
	return p
}

// Signal sends a signal.
func (p *Process) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Wait waits until the process has ended and returns its status.
func (p *Process) Wait(t testing.TB) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("the process did not end within %v", patience)
	}
	return p.cmd.ProcessState.ExitCode()
}

// PID returns the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Running reports whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Log returns all that the process has printed.
func (p *Process) Log() string {
	return p.log.String()
}

// HasLog reports whether a line that matches the expression has been printed.
func (p *Process) HasLog(expression string) bool {
	return regexp.MustCompile(expression).MatchString(p.Log())
}

// WaitForLog waits until a line that matches the expression has been printed.
func (p *Process) WaitForLog(t testing.TB, expression string) {
	t.Helper()
	Eventually(t, "log line "+expression, func() bool { return p.HasLog(expression) })
}

// URL returns where the status port is, without a path.
func (p *Process) URL() string {
	return "http://127.0.0.1:" + p.flag("--status-port")
}

// Get returns the status and body of a page on the status port, or 0 and the error while there is none.
func (p *Process) Get(path string) (status int, body string) {
	response, err := http.Get(p.URL() + path)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// Metric returns the value of a metric, with its labels as in the text format: `workqueue_depth{name="podsync"}`.
func (p *Process) Metric(series string) (float64, error) {
	_, body := p.Get("/metrics")
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, errors.New("no metric " + series)
}

// RSS returns the resident memory in bytes.
func (p *Process) RSS(t testing.TB) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// flag returns the value of a flag that is an argument of its own.
func (p *Process) flag(name string) string {
	for i, arg := range p.cmd.Args[:len(p.cmd.Args)-1] {
		if arg == name {
			return p.cmd.Args[i+1]
		}
	}
	return ""
}

// log is what a process prints, written by it and read by tests.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (l *log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// tailLines is how much of a log a failed test shows.
const tailLines = 60

func (l *log) tail() string {
	lines := strings.SplitAfter(l.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "")
}
