package deployment

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/stage"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// A canary tells of others only if we don't look after it. Those of other releases are objects like any.
func TestOwnCanaryIsLeftAlone(t *testing.T) {
	ours := worker.Key{Namespace: "locks", Name: "wheelhouse-canary-deployment"}
	tests := []struct {
		name   string
		made   worker.Key
		writes []string
	}{
		{"own", ours, []string{"create deployments"}},
		{"another's", worker.Key{Namespace: "locks", Name: "other-canary-deployment"}, []string{"create deployments", "patch deployments/status"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, canary := stage.WithCanary(t, Descriptor(), tt.made, ours)
				p.Run()
				defer p.End()
				p.Settle(10 * time.Second)
				if _, ok := canary.Cached(); !ok {
					t.Error("the cache doesn't have the canary")
				}
				if diff := cmp.Diff(tt.writes, slices.Compact(p.Writes())); diff != "" {
					t.Errorf("writes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Tools that watch over Deployments find nothing wrong with a canary at rest, and a rival is noticed all the same: it gives a reason of its
// own for what the status says.
func TestCanaryRestsUntilSomebodyComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs := worker.Key{Namespace: "locks", Name: "other-canary-deployment"}
		p, canary := stage.WithCanary(t, Descriptor(), theirs, worker.Key{})
		s, err := canary.Label(t.Context(), "wheelhouse.dev/unobserved", "0")
		if err != nil || s.Observed != 0 {
			t.Errorf("at rest: observed %d, %v; want by nobody", s.Observed, err)
		}
		p.Run()
		defer p.End()
		p.Settle(10 * time.Second)
		const before = 3 // create, label, rest
		if writes := p.Writes(); len(writes) <= before || slices.Compact(writes[before:])[0] != "patch deployments/status" {
			t.Errorf("writes %q, want one more of the status, by who looks after it", writes)
		}
	})
}

func TestWhoObservedACanary(t *testing.T) {
	at := func(observed int64, reason, message string) *appsv1.Deployment {
		d := &appsv1.Deployment{}
		d.Status.ObservedGeneration = observed
		if reason != "" {
			d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentAvailable, Reason: reason, Message: message}}
		}
		return d
	}
	for name, tt := range map[string]struct {
		d    *appsv1.Deployment
		want int64
	}{
		"nobody":                             {at(0, "", ""), 0},
		"somebody":                           {at(3, minimumAvailable, "Deployment has minimum availability."), 3},
		"nobody but us":                      {at(3, resting, restingAt(3)), 0},
		"somebody who leaves the conditions": {at(4, resting, restingAt(3)), 4},
		"somebody who knows nothing of conditions": {at(4, "", ""), 4},
	} {
		if got := observedByOthers(tt.d); got != tt.want {
			t.Errorf("%s: observed %d, want %d", name, got, tt.want)
		}
	}
}
