package bench

import (
	"fmt"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// program is one of the two that are compared.
type program struct {
	name string
	args []string // beside those that both get
}

// ours is alone on the cluster, and need not find that out.
func ours() program {
	return program{record.Ours, []string{"--controllers=deployment,replicaset", "--rival-check=off", "--status-port=0"}}
}

// theirs runs nothing but the loops that ours replace.
func theirs() program {
	return program{record.Theirs, []string{"--controllers=deployment-controller,replicaset-controller", "--bind-address=127.0.0.1"}}
}

// alike are the flags that both programs know by the same name and mean the same by.
func alike(kubeconfig string, qps int) []string {
	const workers = "5" // which is either's default
	rate := strconv.Itoa(qps)
	return []string{
		"--kubeconfig=" + kubeconfig, "--leader-elect=false", "--secure-port=0", "--kube-api-qps=" + rate, "--kube-api-burst=" + rate,
		"--concurrent-deployment-syncs=" + workers, "--concurrent-replicaset-syncs=" + workers,
	}
}

func (p program) path(t *testing.T) string {
	t.Helper()
	path, err := cluster.Binary(p.name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// running is a program at work, and the user that it is for the API server.
type running struct {
	*cluster.Process
	program
	user  string
	begun time.Time
	world *world
}

// userPrefix begins the names of the programs' users, and those of no others.
const userPrefix = "bench-"

// start runs the program as a user of its own who may do everything.
func (w *world) start(t *testing.T, p program) *running {
	t.Helper()
	w.started++
	r := &running{program: p, user: fmt.Sprintf("%s%d-%s", userPrefix, w.started, p.name), world: w}
	args := append(alike(w.cluster.User(t, r.user, "system:masters"), w.bench.qps), p.args...)
	path := p.path(t)
	r.begun = time.Now()
	r.Process = cluster.Start(t, path, args...)
	return r
}

// ready waits until the program watches what it is to work on, and has nothing to do.
func (r *running) ready(t *testing.T) {
	t.Helper()
	cluster.Eventually(t, "the watches of "+r.name, func() bool {
		missing := map[string]bool{"deployments": true, "replicasets": true, "pods": true}
		for _, e := range r.world.audit.of(t, r.user) {
			if e.Verb == "watch" && e.ResponseStatus.Code == 200 {
				delete(missing, e.ObjectRef.Resource)
			}
		}
		return len(missing) == 0
	})
	r.awaitCalm(t)
}

// calm is how long a program must have asked for nothing until its work counts as done: longer than either puts off what has settled.
const calm = 3 * time.Second

// awaitCalm waits until the program has asked for nothing for a while.
func (r *running) awaitCalm(t *testing.T) {
	t.Helper()
	last := time.Now()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(glance) {
		for _, e := range r.world.audit.of(t, r.user) {
			if e.StageTimestamp.After(last) && e.Verb != "watch" {
				last = e.StageTimestamp
			}
		}
		if time.Since(last) > calm {
			return
		}
	}
	t.Fatalf("%s has not been calm for %v within %v", r.name, calm, patience)
}

// stop ends the program in order.
func (r *running) stop(t *testing.T) {
	t.Helper()
	r.Signal(t, syscall.SIGTERM)
	r.Wait(t)
}

// cpu returns how many seconds the process has computed, in user mode and in the kernel. What /proc/PID/stat says is the same in hundredths,
// too coarse for a program that is idle. Threads that have ended are missing, which Go's don't do unless they are asked to.
func (r *running) cpu(t *testing.T) float64 {
	t.Helper()
	threads, err := filepath.Glob(r.proc("task/*/schedstat"))
	if err != nil || len(threads) == 0 {
		t.Fatalf("find the threads of %s: %v", r.name, err)
	}
	var total time.Duration
	for _, path := range threads {
		nanoseconds, err := strconv.ParseInt(found(t, path, `^(\d+) `), 10, 64)
		if err != nil {
			t.Fatalf("understand the CPU time of %s: %v", r.name, err)
		}
		total += time.Duration(nanoseconds)
	}
	return total.Seconds()
}

// memory returns resident memory in bytes: VmRSS is that of now, VmHWM the peak since the start.
func (r *running) memory(t *testing.T, field string) int64 {
	t.Helper()
	return kibibytes(t, found(t, r.proc("status"), `(?m)^`+field+`:\s+(\d+) kB$`))
}

func (r *running) proc(name string) string { return fmt.Sprintf("/proc/%d/%s", r.PID(), name) }

func kibibytes(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("understand a size in /proc: %v", err)
	}
	return n << 10
}
