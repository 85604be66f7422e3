package leaderelection_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
)

// Notes on the lease don't keep a holder alive that has gone.
func TestNotesAreNoRenewals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		server.steal("gone", 15*time.Second)
		r := start(t, "a", server.client(way{}))
		for range 14 {
			time.Sleep(time.Second)
			server.edit(func(lease *coordinationv1.Lease) { lease.Annotations = map[string]string{"at": time.Now().String()} })
		}
		r.wantNoTerm(t)
		time.Sleep(time.Second)
		r.term(t)
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

// A holder that renews has its time, whatever somebody makes of the lease's duration.
func TestShortenedLeaseIsNotTakenFromItsHolder(t *testing.T) {
	for name, change := range map[string]func(*coordinationv1.Lease){
		"a second":    func(lease *coordinationv1.Lease) { *lease.Spec.LeaseDurationSeconds = 1 },
		"no duration": func(lease *coordinationv1.Lease) { lease.Spec.LeaseDurationSeconds = nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var server leases
				server.steal("live", 15*time.Second)
				r := start(t, "a", server.client(way{}))
				settle()
				server.edit(change)
				time.Sleep(14 * time.Second)
				r.wantNoTerm(t)
				r.stop()
				r.wantEnd(t)
			})
		})
	}
}

func TestTransitionsStayInTheirRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		server.steal("", time.Second)
		most := int32(math.MaxInt32)
		server.edit(func(lease *coordinationv1.Lease) { lease.Spec.LeaseTransitions = &most })
		r := start(t, "a", server.client(way{}))
		r.term(t)
		if got := *server.spec(t).LeaseTransitions; got != most {
			t.Errorf("the lease has %d transitions, want %d", got, most)
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

// After an API server's data were put back to an earlier state, versions are older than those that were seen. The term that the
// earlier state knows nothing of ends, and another begins.
func TestRestoredLeaseIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		server.steal("", time.Second)
		earlier, err := server.get()
		if err != nil {
			t.Fatal(err)
		}
		r := start(t, "a", server.client(way{}))
		term := r.term(t)
		time.Sleep(time.Minute)
		server.freeze()
		server.restore(1, earlier)
		wantLoss(t, term, 5*time.Second)
		r.drained <- struct{}{}
		r.term(t)
		server.wantHolder(t, "a")
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}
