package leaderelection_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
)

// leases is an API server with one Lease. Like it, it refuses to overwrite a version that isn't the latest,
// on which leader election stands.
type leases struct {
	mu      sync.Mutex
	lease   *coordinationv1.Lease        // guarded by mu; nil until it is created
	version int                          // guarded by mu
	watches []*watch.RaceFreeFakeWatcher // guarded by mu
}

// way is what happens between a client and the server. Its fields may be nil.
type way struct {
	there func() error            // an error keeps the request from arriving
	back  func(verb string) error // an error keeps the answer from arriving
	deny  func(verb string) error // an error is what the server answers, and does nothing
	mute  bool                    // watches are never answered
}

var resource = coordinationv1.Resource("leases")

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

// client returns a client whose requests go by the way.
func (l *leases) client(w way) *client {
	return &client{server: l, way: w}
}

type client struct {
	coordinationclient.LeaseInterface // nil: what is not below must not be called
	server                            *leases
	way                               way

	mu    sync.Mutex
	verbs []string // guarded by mu: of all requests
}

func (c *client) Leases(string) coordinationclient.LeaseInterface { return c }

// send sends a request and returns its answer.
func (c *client) send(verb string, answer func() (*coordinationv1.Lease, error)) (*coordinationv1.Lease, error) {
	c.mu.Lock()
	c.verbs = append(c.verbs, verb)
	c.mu.Unlock()
	if c.way.there != nil {
		if err := c.way.there(); err != nil {
			return nil, err
		}
	}
	if c.way.deny != nil {
		if err := c.way.deny(verb); err != nil {
			return nil, err
		}
	}
	lease, err := answer()
	if c.way.back != nil {
		if lost := c.way.back(verb); lost != nil {
			return nil, lost
		}
	}
	return lease, err
}

func (c *client) sent() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.verbs)
}

func (c *client) Get(context.Context, string, metav1.GetOptions) (*coordinationv1.Lease, error) {
	return c.send("get", c.server.get)
}

func (c *client) Create(_ context.Context, lease *coordinationv1.Lease, _ metav1.CreateOptions) (*coordinationv1.Lease, error) {
	return c.send("create", func() (*coordinationv1.Lease, error) { return c.server.create(lease) })
}

func (c *client) Update(_ context.Context, lease *coordinationv1.Lease, _ metav1.UpdateOptions) (*coordinationv1.Lease, error) {
	return c.send("update", func() (*coordinationv1.Lease, error) { return c.server.update(lease) })
}

func (c *client) Watch(ctx context.Context, _ metav1.ListOptions) (watch.Interface, error) {
	if c.way.mute {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var events watch.Interface
	_, err := c.send("watch", func() (*coordinationv1.Lease, error) {
		events = c.server.watch()
		return nil, nil
	})
	if err != nil && events != nil { // nobody will read from it
		events.Stop()
	}
	return events, err
}

// watch begins with the lease as it is.
func (l *leases) watch() watch.Interface {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watches = slices.DeleteFunc(l.watches, (*watch.RaceFreeFakeWatcher).IsStopped)
	one := watch.NewRaceFreeFake()
	if l.lease != nil {
		one.Add(l.lease.DeepCopy())
	}
	l.watches = append(l.watches, one)
	return one
}

// tellLocked tells all watches. One that is stopped loses it.
func (l *leases) tellLocked(tell func(*watch.RaceFreeFakeWatcher)) {
	for _, one := range l.watches {
		tell(one)
	}
}

func (l *leases) get() (*coordinationv1.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lease == nil {
		return nil, apierrors.NewNotFound(resource, "wheelhouse")
	}
	return l.lease.DeepCopy(), nil
}

func (l *leases) create(lease *coordinationv1.Lease) (*coordinationv1.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lease != nil {
		return nil, apierrors.NewAlreadyExists(resource, lease.Name)
	}
	l.storeLocked(lease)
	return l.lease.DeepCopy(), nil
}

func (l *leases) update(lease *coordinationv1.Lease) (*coordinationv1.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.lease == nil:
		return nil, apierrors.NewNotFound(resource, lease.Name)
	case l.lease.ResourceVersion != lease.ResourceVersion:
		return nil, apierrors.NewConflict(resource, lease.Name, errors.New("the object has been modified"))
	}
	l.storeLocked(lease)
	return l.lease.DeepCopy(), nil
}

// storeLocked keeps the lease as a new version.
func (l *leases) storeLocked(lease *coordinationv1.Lease) {
	l.version++
	l.lease = lease.DeepCopy()
	l.lease.ResourceVersion = strconv.Itoa(l.version)
	l.tellLocked(func(w *watch.RaceFreeFakeWatcher) { w.Modify(l.lease.DeepCopy()) })
}

// freeze makes the watches that run bring nothing more.
func (l *leases) freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watches = nil
}

// remove deletes the lease.
func (l *leases) remove() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version++
	last := l.lease.DeepCopy()
	last.ResourceVersion = strconv.Itoa(l.version)
	l.lease = nil
	l.tellLocked(func(w *watch.RaceFreeFakeWatcher) { w.Delete(last) })
}

// steal gives the lease to somebody else for a time.
func (l *leases) steal(holder string, duration time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seconds, now := int32(duration/time.Second), metav1.NowMicro()
	l.storeLocked(&coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "wheelhouse"},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &seconds, AcquireTime: &now, RenewTime: &now},
	})
}

// edit changes the lease by hand.
func (l *leases) edit(change func(*coordinationv1.Lease)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	edited := l.lease.DeepCopy()
	change(edited)
	l.storeLocked(edited)
}

// restore puts the lease back to what it was at an earlier version. Nobody is told.
func (l *leases) restore(version int, lease *coordinationv1.Lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version, l.lease = version, lease.DeepCopy()
	l.lease.ResourceVersion = strconv.Itoa(version)
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
