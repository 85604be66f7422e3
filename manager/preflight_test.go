package manager_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/6ead2ce0/wheelhouse/manager"
)

// refusing is an elector that leads, and says what its API server refuses.
type refusing struct {
	always
	err error
}

func (r refusing) Check() error { return r.err }

// leases returns what readiness says of leader election.
func (r running) leases(t *testing.T) error {
	t.Helper()
	for _, check := range r.ReadyChecks() {
		if check.Name == "leader-election" {
			return check.Run()
		}
	}
	t.Fatal("there is no check of leader election")
	return nil
}

func TestReadinessTellsOfMissingPermissionsForLeases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var granted atomic.Bool
		client := fake.NewClientset()
		allow(client, func(verb, resource string) bool { return granted.Load() || resource != "leases" || verb == "get" })
		c := withClient(client, controller("other", idle))
		c.LeaseNamespace = "kube-system"
		c.LeaseRules = []rbacv1.PolicyRule{{
			APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: []string{"get", "update"}, ResourceNames: []string{"wheelhouse"},
		}}
		m := start(t, c)
		time.Sleep(10 * time.Second)
		const want = "forbidden: update leases.coordination.k8s.io wheelhouse"
		if err := m.leases(t); err == nil || err.Error() != want {
			t.Errorf("the check says %v, want %q", err, want)
		}
		granted.Store(true)
		time.Sleep(5 * time.Second)
		if err := m.leases(t); err != nil {
			t.Errorf("when it is granted the check says %v, want nil", err)
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestReadinessTellsWhatKeepsFromLeading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(controller("other", idle))
		elector := &refusing{err: errors.New("lease kube-system/wheelhouse can't be written: forbidden")}
		c.Elector = func(string) manager.Elector { return elector }
		m := start(t, c)
		if err := m.leases(t); !errors.Is(err, elector.err) {
			t.Errorf("the check says %v, want %v", err, elector.err)
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}
