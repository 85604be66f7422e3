package leaderelection_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// forbidding is a way on which verbs are forbidden while on is true.
func forbidding(verbs string, on *atomic.Bool) way {
	return way{back: func(asked string) error {
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
		"create update": "lease kube-system/wheelhouse can't be written: ",
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
