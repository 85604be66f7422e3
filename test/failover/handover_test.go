package failover

import (
	"syscall"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// warm lets a stream run for a while, so that what follows happens under load.
const warm = 3 * time.Second

// maxHandover is how long new work may wait when the leader is told to end.
const maxHandover = time.Second

// slack returns what is granted beyond a bound. The claims are those of long runs, which get none. Short ones are part of `make test`,
// on machines that may be so busy that work waits long with no handover at all: as long as the longest did before it, and then some.
func slack(usual time.Duration) time.Duration {
	if isLong() {
		return 0
	}
	return usual + 2*time.Second
}

func TestToldToEnd(t *testing.T) {
	each(t, sideBySide(20), func(t *testing.T, p program) {
		client := shared.Client(t)
		ns := cluster.Namespace(t, client)
		leader, standby := pair(t, p, ns)
		load := startStream(t, client, ns)
		time.Sleep(warm)
		told := time.Now()
		leader.Signal(t, syscall.SIGTERM)
		status := leader.Wait(t)
		standby.WaitForLog(t, p.leader)
		time.Sleep(warm)
		load.settle()

		usual, longest := load.longest(time.Time{}, told.Add(-time.Second)), load.longest(told.Add(-time.Second), time.Now())
		results.addTime("SIGTERM of the leader", p, "longest wait before it", usual)
		results.addTime("SIGTERM of the leader", p, "longest wait", longest)
		t.Logf("longest wait %v, before %v, status %d, surplus %d", longest, usual, status, load.surplus())
		if p.name != "wheelhouse" {
			return
		}
		if bound := maxHandover + slack(usual); longest > bound {
			t.Errorf("a deployment waited %v, want at most %v", longest, bound)
		}
		if status != 0 || load.surplus() != 0 {
			t.Errorf("exit status %d and %d surplus pods, want 0", status, load.surplus())
		}
		entries := audit(t, ns)
		writes := leaseWrites(entries, leader.user)
		late := writesAfter(entries, leader.user, writes[len(writes)-1])
		results.addCount("SIGTERM of the leader", p, "writes after the release", late)
		if late > 0 {
			t.Errorf("%d writes after the release", late)
		}
	})
}

func TestKilled(t *testing.T) {
	each(t, sideBySide(5), func(t *testing.T, p program) {
		client := shared.Client(t)
		ns := cluster.Namespace(t, client)
		leader, standby := pair(t, p, ns)
		load := startStream(t, client, ns)
		time.Sleep(warm)
		killed := time.Now()
		leader.Signal(t, syscall.SIGKILL)
		leader.Wait(t)
		standby.WaitForLog(t, p.leader)
		load.settle()
		usual, longest := load.longest(time.Time{}, killed.Add(-time.Second)), load.longest(time.Time{}, time.Now())
		first := firstWriteAfter(audit(t, ns), standby.user, killed).Sub(killed)
		results.addTime("SIGKILL of the leader", p, "first write of the next", first)
		results.addTime("SIGKILL of the leader", p, "longest wait", longest)
		t.Logf("first write after %v, longest wait %v, surplus %d", first, longest, load.surplus())
		if p.name != "wheelhouse" {
			return
		}
		if bound := leaseOf().duration + maxHandover + slack(usual); longest > bound {
			t.Errorf("a deployment waited %v, want at most %v", longest, bound)
		}
		if load.surplus() != 0 {
			t.Errorf("%d surplus pods", load.surplus())
		}
	})
}

// The leader is paused in the middle of its work for longer than its lease lasts.
func TestPaused(t *testing.T) {
	pause := leaseOf().duration + 5*time.Second
	each(t, sideBySide(20), func(t *testing.T, p program) {
		client := shared.Client(t)
		ns := cluster.Namespace(t, client)
		leader, standby := pair(t, p, ns)
		load := startStream(t, client, ns)
		time.Sleep(warm)
		leader.Signal(t, syscall.SIGSTOP)
		time.Sleep(pause)
		leader.Signal(t, syscall.SIGCONT)
		time.Sleep(warm)
		load.settle()

		entries := audit(t, ns)
		acquired := leaseWrites(entries, standby.user)
		if len(acquired) == 0 {
			t.Fatal("the standby has not taken over")
		}
		late, surplus := writesAfter(entries, leader.user, acquired[0]), load.surplus()
		results.addCount("leader paused for 20 s", p, "writes of the old term after the new one began", late)
		results.addCount("leader paused for 20 s", p, "surplus pods", surplus)
		t.Logf("%d writes beside the new holder, %d surplus pods", late, surplus)
		if p.name != "wheelhouse" {
			return
		}
		if late > 0 || surplus > 0 {
			t.Errorf("%d writes beside the new holder and %d surplus pods, want 0", late, surplus)
		}
		if !leader.Running() {
			t.Error("the old leader has ended: losing the lease is not the end")
		}
		leader.WaitForLog(t, `term ended .*"lost the lease"`)
	})
}
