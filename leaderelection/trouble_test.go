package leaderelection_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// forbidding is a way on which verbs are forbidden while on is true.
func forbidding(verbs string, on *atomic.Bool) way {
	return way{deny: func(asked string) error {
		if strings.Contains(verbs, asked) && on.Load() {
			return apierrors.NewForbidden(resource, "wheelhouse", errors.New("no RBAC rule"))
		}
		return nil
	}}
}

func TestCheckTellsWhatIsRefused(t *testing.T) {
	for verbs, want := range map[string]string{
		"get":           "lease kube-system/wheelhouse can't be read: ",
		"watch":         "lease kube-system/wheelhouse can't be watched: ",
		"create update": "lease kube-system/wheelhouse can't be created: ",
	} {
		t.Run(verbs, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var server leases
				var refuses atomic.Bool
				refuses.Store(true)
				r := start(t, "a", server.client(forbidding(verbs, &refuses)))
				time.Sleep(time.Minute)
				if err := r.elector.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("the check says %v, want an error that begins with %q", err, want)
				}
				refuses.Store(false)
				time.Sleep(10 * time.Second)
				if err := r.elector.Check(); err != nil {
					t.Errorf("when it is allowed the check says %v, want nil", err)
				}
				r.stop()
				r.drained <- struct{}{}
				r.wantEnd(t)
			})
		})
	}
}

// Without its namespace a lease can't be made, and nobody leads.
func TestCheckTellsOfAMissingNamespace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{deny: func(verb string) error {
			if verb == "create" {
				return apierrors.NewNotFound(corev1.Resource("namespaces"), "kube-system")
			}
			return nil
		}}))
		time.Sleep(time.Second)
		const want = "lease kube-system/wheelhouse can't be created: namespaces \"kube-system\" not found"
		if err := r.elector.Check(); err == nil || err.Error() != want {
			t.Errorf("the check says %v, want %q", err, want)
		}
		r.stop()
		r.wantEnd(t)
	})
}

// A standby that was refused once, when another one took the lease, may not write again for long.
func TestCheckForgetsARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		var refuses atomic.Bool
		refuses.Store(true)
		server.steal("", time.Second)
		r := start(t, "a", server.client(forbidding("update", &refuses)))
		settle()
		if err := r.elector.Check(); err == nil {
			t.Error("the check says nothing of the refusal")
		}
		leader := start(t, "b", server.client(way{}))
		leader.term(t)
		time.Sleep(20 * time.Second)
		if err := r.elector.Check(); err != nil {
			t.Errorf("20s later, with another leader, the check says %v, want nil", err)
		}
		r.stop()
		r.wantEnd(t)
		drain(leader, &server)
		leader.wantEnd(t)
	})
}

func TestCheckFailsUntilTheLeaseIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		var down atomic.Bool
		down.Store(true)
		r := start(t, "a", server.client(downWhile(&down)))
		time.Sleep(time.Second)
		if err := r.elector.Check(); err == nil || err.Error() != "lease kube-system/wheelhouse has not been read yet" {
			t.Errorf("without an API server the check says %v, want that the lease has not been read yet", err)
		}
		down.Store(false)
		time.Sleep(10 * time.Second)
		down.Store(true) // which another check tells of
		time.Sleep(time.Second)
		if err := r.elector.Check(); err != nil {
			t.Errorf("the check says %v, want nil", err)
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}
