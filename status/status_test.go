package status_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
)

func TestLeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		ours := status.Lease{Name: "a", Holder: "me", Since: now.Add(-time.Minute), Leads: true, Controllers: []string{"a"}}
		theirs := status.Lease{Name: "b", Holder: "you", Since: now.Add(-time.Minute), Controllers: []string{"b"}}
		gone, none := theirs, status.Lease{Name: "c", Controllers: []string{"c"}}
		gone.Expired = true
		tests := []struct {
			leases   []status.Lease
			role     string
			troubles []string
		}{
			{nil, "Leads, without leader election.", nil},
			{[]status.Lease{ours}, "Has led for 60s.", nil},
			{[]status.Lease{theirs}, "Standby. you has led for 60s.", nil},
			{[]status.Lease{ours, theirs}, "Leads 1 of 2 controllers.", nil},
			{[]status.Lease{theirs, theirs}, "Standby.", nil},
			{[]status.Lease{gone}, "Standby. you has led for 60s.", []string{"you has not renewed the lease b and may be gone"}},
			{[]status.Lease{none}, "Standby.", []string{"the lease c has no holder"}},
		}
		for _, tt := range tests {
			p := status.Process{Time: now, Leases: tt.leases}
			var troubles []string
			for _, trouble := range p.Troubles() {
				troubles = append(troubles, trouble.Why)
			}
			if got := p.Role(); got != tt.role {
				t.Errorf("role by %v is %q, want %q", tt.leases, got, tt.role)
			}
			if diff := cmp.Diff(tt.troubles, troubles); diff != "" {
				t.Errorf("troubles by %v (-want +got)\n%s", tt.leases, diff)
			}
		}
	})
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 50 * time.Microsecond: "0.1ms", 9900 * time.Microsecond: "9.9ms", 35 * time.Millisecond: "35ms",
		2400 * time.Millisecond: "2.4s", 42 * time.Second: "42s", 130 * time.Second: "2m10s", 26 * time.Hour: "26h",
	} {
		if got := status.Short(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	now := metav1.Now().Time
	for d, want := range map[time.Duration]string{-12 * time.Second: "in 12s", 0: "now", 400 * time.Millisecond: "now", time.Hour: "60m ago"} {
		if got := status.Relative(now, now.Add(-d)); got != want {
			t.Errorf("%v ago is %q, want %q", d, got, want)
		}
	}
}

func TestWhoIsKeptFromWorkingSaysWhy(t *testing.T) {
	c := status.Controller{Status: manager.Status{Controller: "sets", State: manager.Blocked, Reason: "somebody else drives sets"}}
	want := []status.Trouble{{Controller: "sets", What: "is kept from working", Why: "somebody else drives sets"}}
	if diff := cmp.Diff(want, c.Troubles()); diff != "" {
		t.Errorf("troubles (-want +got)\n%s", diff)
	}
}
