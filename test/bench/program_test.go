package bench

import (
	"fmt"
	"slices"
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

// turn returns the programs in the order of a pair. It changes from pair to pair: what comes later on a machine has no lasting advantage.
func turn(pair int) []program {
	if pair%2 == 0 {
		return []program{ours(), theirs()}
	}
	return []program{theirs(), ours()}
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
	r.awaitCalm(t, calm)
}

// calm is how long a program must have asked for nothing until its work counts as done: longer than the four seconds for which ours holds a
// status back at most. Theirs holds nothing back.
const calm = 6 * time.Second

// awaitCalm waits until the program has asked for nothing but watches for so long, and returns the median of its resident memory meanwhile:
// a single look may fall just before or after a collection of garbage.
func (r *running) awaitCalm(t *testing.T, long time.Duration) int64 {
	t.Helper()
	last, sizes := time.Now(), []int64(nil)
	if !await(glance, func() bool {
		for _, e := range r.world.audit.of(t, r.user) {
			if e.StageTimestamp.After(last) && e.Verb != "watch" {
				last, sizes = e.StageTimestamp, nil
			}
		}
		sizes = append(sizes, r.memory(t, "VmRSS"))
		return time.Since(last) > long
	}) {
		t.Fatalf("%s has not been calm for %v within %v", r.name, long, patience)
	}
	return middle(sizes)
}

// middle returns the middle of values, of which there must be one.
func middle(values []int64) int64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// stop ends the program in order.
func (r *running) stop(t *testing.T) {
	t.Helper()
	r.Signal(t, syscall.SIGTERM)
	r.Wait(t)
}
