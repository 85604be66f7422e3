package leaderelection_test

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// leases is an API server with one Lease. Unlike client-go's fake it refuses to overwrite a version that isn't the latest,
// on which leader election stands.
type leases struct {
	mu      sync.Mutex
	lease   *coordinationv1.Lease // guarded by mu; nil until it is created
	version int                   // guarded by mu
}

// way is what happens between a client and the server. Its fields may be nil.
type way struct {
	there func() error            // an error keeps the request from arriving
	back  func(verb string) error // an error keeps the answer from arriving
}

var errUnreachable = errors.New("connection refused")

// downWhile is a way on which nothing arrives while down is true.
func downWhile(down *atomic.Bool) way {
	return way{there: func() error {
		if down.Load() {
			return errUnreachable
		}
		return nil
	}}
}

// client returns a client of its own: one fake client sends one request at a time.
func (l *leases) client(w way) kubernetes.Interface {
	client := fake.NewClientset()
	client.PrependReactor("*", "leases", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if w.there != nil {
			if err := w.there(); err != nil {
				return true, nil, err
			}
		}
		lease, err := l.answer(action)
		if w.back != nil {
			if lost := w.back(action.GetVerb()); lost != nil {
				return true, nil, lost
			}
		}
		return true, lease, err
	})
	return client
}

func (l *leases) answer(action clienttesting.Action) (*coordinationv1.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if write, ok := action.(clienttesting.CreateAction); ok { // or an update, which has the same methods
		lease := write.GetObject().(*coordinationv1.Lease)
		if err := l.refuse(action, lease); err != nil {
			return nil, err
		}
		l.store(lease)
	}
	if l.lease == nil {
		return nil, apierrors.NewNotFound(action.GetResource().GroupResource(), "wheelhouse")
	}
	return l.lease.DeepCopy(), nil
}

func (l *leases) refuse(action clienttesting.Action, lease *coordinationv1.Lease) error {
	resource := action.GetResource().GroupResource()
	switch {
	case action.Matches("create", "leases") && l.lease != nil:
		return apierrors.NewAlreadyExists(resource, lease.Name)
	case action.Matches("update", "leases") && (l.lease == nil || l.lease.ResourceVersion != lease.ResourceVersion):
		return apierrors.NewConflict(resource, lease.Name, errors.New("the object has been modified"))
	}
	return nil
}

// store is called with mu held.
func (l *leases) store(lease *coordinationv1.Lease) {
	l.version++
	l.lease = lease.DeepCopy()
	l.lease.ResourceVersion = strconv.Itoa(l.version)
}

// steal gives the lease to somebody else for a time.
func (l *leases) steal(holder string, duration time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seconds, now := int32(duration/time.Second), metav1.NowMicro()
	l.store(&coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "wheelhouse"},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &seconds, AcquireTime: &now, RenewTime: &now},
	})
}

// spec returns what the lease says.
func (l *leases) spec(t *testing.T) coordinationv1.LeaseSpec {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lease == nil {
		t.Fatal("there is no lease")
	}
	return l.lease.DeepCopy().Spec
}

func (l *leases) wantHolder(t *testing.T, want string) {
	t.Helper()
	if got := *l.spec(t).HolderIdentity; got != want {
		t.Errorf("the lease is held by %q, want %q", got, want)
	}
}
