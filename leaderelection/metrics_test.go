package leaderelection_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// counters returns what the named counters of the replica are, by their label if they have one beside the lease's name.
func (r replica) counters(t *testing.T, names ...string) map[string]float64 {
	t.Helper()
	families, err := r.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, label := range m.GetLabel() {
				if label.GetName() != "name" {
					name += " " + label.GetValue()
				}
			}
			all[name] = m.GetCounter().GetValue()
		}
	}
	some := map[string]float64{}
	for _, name := range names {
		some[name] = all[name]
	}
	return some
}

func TestTermsAreCountedByHowTheyEnd(t *testing.T) {
	tests := []struct {
		name string
		end  func(*leases, replica)
		want string
	}{
		{"drain", func(_ *leases, r replica) { r.stop() }, "drained"},
		{"another holder", func(s *leases, _ replica) { s.steal("thief", time.Minute) }, "taken"},
		{"release by somebody", func(s *leases, _ replica) { s.steal("", time.Minute) }, "vacated"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var server leases
				r := start(t, "a", server.client(way{}))
				r.term(t)
				tt.end(&server, r)
				synctest.Wait()
				r.stop()
				r.drained <- struct{}{}
				r.wantEnd(t)
				want := map[string]float64{"wheelhouse_terms_begun_total": 1}
				for _, how := range []string{"drained", "expired", "taken", "vacated"} {
					want["wheelhouse_terms_ended_total "+how] = 0
				}
				want["wheelhouse_terms_ended_total "+tt.want] = 1
				got := r.counters(t, "wheelhouse_terms_begun_total", "wheelhouse_terms_ended_total drained",
					"wheelhouse_terms_ended_total expired", "wheelhouse_terms_ended_total taken", "wheelhouse_terms_ended_total vacated")
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("terms (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestMetricsAreWellNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		r.term(t)
		problems, err := testutil.GatherAndLint(r.metrics)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

// A renewal that was written on a version which is no longer the latest has to be made again.
func TestRenewalsThatReadFirstAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		r.term(t)
		server.freeze()
		server.steal("a", time.Minute) // our own last renewal, of whose arrival we don't know
		time.Sleep(5 * time.Second)
		const slow = "leader_election_slowpath_total"
		if got := r.counters(t, slow)[slow]; got != 1 {
			t.Errorf("%s = %v, want 1", slow, got)
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}
