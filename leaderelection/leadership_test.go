package leaderelection_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

func TestLeadership(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all leases
		leader := start(t, "leader", all.client(way{}))
		began := time.Now()
		leader.term(t)
		rival := start(t, "rival", all.client(way{}))
		settle()
		got := rival.elector.Leadership()
		if age := got.Since.Sub(began); age < 0 || age > time.Second || got.Renewed.Before(got.Since) {
			t.Errorf("it leads since %v and has renewed at %v, want both to be about %v", got.Since, got.Renewed, began)
		}
		want := leaderelection.Leadership{Lease: "kube-system/wheelhouse", Holder: "leader", Since: got.Since, Renewed: got.Renewed}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("leadership, as the rival sees it (-want +got)\n%s", diff)
		}
		want.Leads = true
		if diff := cmp.Diff(want, leader.elector.Leadership()); diff != "" {
			t.Errorf("leadership, as the leader sees it (-want +got)\n%s", diff)
		}
		leader.stop()
		leader.drained <- struct{}{}
		rival.term(t)
		if got := rival.elector.Leadership(); got.Holder != "rival" || !got.Leads || got.Expired {
			t.Errorf("after the leader left, leadership is %+v, want the rival's", got)
		}
		rival.stop()
		rival.drained <- struct{}{}
		synctest.Wait()
		if got := rival.elector.Leadership(); got.Holder != "" || got.Leads {
			t.Errorf("after both left, leadership is %+v, want nobody's", got)
		}
	})
}
