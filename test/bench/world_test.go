package bench

import (
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	// patience bounds what the largest piece of work may take on a busy machine.
	patience = 2 * time.Hour
	// glance is how often it is looked whether a program is calm.
	glance = 200 * time.Millisecond
	// nodes are more than enough: a fake node has room for 100,000 pods.
	nodes = "10"
)

// world is a control plane, and what is known of it.
type world struct {
	bench   *bench
	cluster *cluster.Cluster
	client  kubernetes.Interface
	audit   *audit
	started int      // programs so far
	spaces  []string // the namespaces of the Deployments
}

func newWorld(t *testing.T, b *bench) *world {
	t.Helper()
	c := cluster.New(t, "--nodes", nodes, "--audit",
		// With the usual limit the log would begin anew when it is large, and what was in it would be missing.
		"--kube-apiserver-arg=--audit-log-maxsize=1000000",
		// A busy machine delays the heartbeats of nodes: pods would turn unready, and be work that nobody has asked for.
		"--kcm-arg=--node-monitor-grace-period=1h")
	return &world{bench: b, cluster: c, client: c.Client(t), audit: openAudit(t, c.Dir)}
}

// await reports whether holds returns true within patience. It looks every so often: each look may cost the API server time that is measured.
func await(every time.Duration, holds func() bool) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(every) {
		if holds() {
			return true
		}
	}
	return false
}

// measure has the program do a piece of work, and keeps what it took.
func (r *running) measure(t *testing.T, workload string, pair, pods int, do func()) {
	t.Helper()
	r.world.audit.forget(t, r.user)
	before, begin := r.cpu(t), time.Now()
	do()
	took := time.Since(begin)
	resident := r.awaitCalm(t, calm)
	r.keep(t, record.Run{
		Workload: workload, Pair: pair, Pods: pods, Seconds: took.Seconds(), CPUSeconds: r.cpu(t) - before, RSS: resident,
	})
}

// keep keeps a run of the program, to which it adds what can be seen now.
func (r *running) keep(t *testing.T, run record.Run) {
	t.Helper()
	run.Program, run.PeakRSS, run.Requests = r.name, r.memory(t, "VmHWM"), count(r.world.audit.of(t, r.user))
	r.world.bench.add(t, run)
}
