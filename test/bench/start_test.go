package bench

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// waiting makes a Deployment for which nobody has done anything, and returns the namespace that it is alone in.
func (w *world) waiting(t *testing.T) string {
	t.Helper()
	ns := cluster.Namespace(t, w.client)
	if _, err := w.client.AppsV1().Deployments(ns).Create(t.Context(), deployment("waiting", 1), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return ns
}

// measureStart keeps how long the program took until its first write, and until it answered the Deployment that waits, and its memory when
// it has been calm for long.
func (r *running) measureStart(t *testing.T, waiting string, pair, pods int) {
	t.Helper()
	first, answer := r.awaitAnswer(t, waiting)
	r.world.awaitComplete(t, waiting)
	resident := r.awaitCalm(t, calm+rest)
	r.checkElsewhere(t, waiting)
	run := record.Run{
		Workload: record.Start, Pair: pair, Pods: pods, CPUSeconds: r.cpu(t), RSS: resident,
		FirstWrite: first.Sub(r.begun).Seconds(), FirstAnswer: answer.Sub(r.begun).Seconds(),
	}
	t.Logf("the first write came after %.2f s, the answer to a Deployment that waited after %.2f s", run.FirstWrite, run.FirstAnswer)
	r.keep(t, run)
}

// awaitAnswer returns when the program wrote for the first time, and when it answered the Deployment that waits.
func (r *running) awaitAnswer(t *testing.T, waiting string) (first, answer time.Time) {
	t.Helper()
	if !await(glance, func() bool {
		first, answer = firstActs(r.world.audit.of(t, r.user), waiting)
		return !answer.IsZero()
	}) {
		t.Fatalf("%s has not begun to work within %v", r.name, patience)
	}
	return first, answer
}

// awaitComplete waits until the Deployment that waited is complete, so that the next program, which meets it too, finds nothing left to do.
func (w *world) awaitComplete(t *testing.T, ns string) {
	t.Helper()
	if !await(glance, func() bool {
		d, err := w.client.AppsV1().Deployments(ns).Get(t.Context(), "waiting", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return isComplete(d)
	}) {
		t.Fatalf("the deployment that waited in namespace %s isn't complete after %v", ns, patience)
	}
}

// checkElsewhere fails the test if the program has had other work than the Deployment that waited: the other program, which meets a cluster
// where that is done, couldn't be compared with it.
func (r *running) checkElsewhere(t *testing.T, waiting string) {
	t.Helper()
	if others := elsewhere(r.world.audit.of(t, r.user), waiting); len(others) > 0 {
		t.Fatalf("%s has written where nothing was left to do, not in namespace %s alone: %s", r.name, waiting, strings.Join(others, ", "))
	}
}

// elsewhere names the kinds of writes, other than events, that are outside of the namespace, each once.
func elsewhere(entries []entry, ns string) []string {
	var others []string
	for _, e := range entries {
		if isAct(e) && e.ObjectRef.Namespace != ns {
			kind := e.kind()
			where := cmp.Or(e.ObjectRef.Namespace, "no namespace")
			others = append(others, fmt.Sprintf("%s %s in %s, answered %d", kind.Verb, kind.Resource, where, kind.Code))
		}
	}
	slices.Sort(others)
	return slices.Compact(others)
}

// isAct reports whether the entry is of a write other than an event.
func isAct(e entry) bool { return e.kind().IsWrite() && e.ObjectRef.Resource != "events" }

// firstActs returns when the API server got the first write, other than events, and the first ReplicaSet of the Deployment that waits.
func firstActs(entries []entry, waiting string) (first, answer time.Time) {
	for _, e := range entries {
		if !isAct(e) {
			continue
		}
		first = earlier(first, e.RequestReceivedTimestamp)
		if e.ObjectRef.Resource == "replicasets" && e.ObjectRef.Namespace == waiting {
			answer = earlier(answer, e.RequestReceivedTimestamp)
		}
	}
	return first, answer
}

// earlier returns the earlier of two times, of which the first may be none.
func earlier(known, further time.Time) time.Time {
	if known.IsZero() || known.After(further) {
		return further
	}
	return known
}
