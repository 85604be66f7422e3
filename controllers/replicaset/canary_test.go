package replicaset

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/stage"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// A canary tells of others only if we don't look after it. Those of other releases are objects like any.
func TestOwnCanaryIsLeftAlone(t *testing.T) {
	ours := worker.Key{Namespace: "locks", Name: "wheelhouse-canary-replicaset"}
	tests := []struct {
		name   string
		made   worker.Key
		writes []string
	}{
		{"own", ours, []string{"create replicasets"}},
		{"another's", worker.Key{Namespace: "locks", Name: "other-canary-replicaset"}, []string{"create replicasets", "patch replicasets/status"}},
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
