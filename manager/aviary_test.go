package manager_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// aviary is an API server, and a cache that is up to date, with one canary.
type aviary struct {
	mu      sync.Mutex
	now     *controllers.Sighting // guarded by mu: nil if it is not there
	frozen  *controllers.Sighting // guarded by mu: what the cache shows instead
	rival   string                // guarded by mu: who observes it; "" if nobody does
	refusal error                 // guarded by mu: of what is written
	fixed   bool                  // its spec is put back whenever it is changed
	writes  []string              // guarded by mu
}

func (a *aviary) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
	if a.now != nil && a.rival != "" {
		a.now.Observed, a.now.Observer = a.now.Generation, a.rival
	}
}

func (a *aviary) comes(rival string) { a.set(func() { a.rival = rival }) }

func (a *aviary) leaves() { a.comes("") }

func (a *aviary) write(what string, change func()) (seen controllers.Sighting, err error) {
	a.set(func() {
		a.writes = append(a.writes, what)
		if err = a.refusal; err != nil {
			return
		}
		change()
		seen = *a.now
		seen.Labels = maps.Clone(a.now.Labels)
	})
	return seen, err
}

func (a *aviary) Cached() (controllers.Sighting, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.frozen != nil:
		return *a.frozen, true
	case a.now != nil:
		s := *a.now
		s.Labels = maps.Clone(a.now.Labels)
		return s, true
	}
	return controllers.Sighting{}, false
}

func (a *aviary) Read(context.Context) (controllers.Sighting, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return *a.now, nil
}

func (a *aviary) Create(context.Context) (controllers.Sighting, error) {
	return a.write("create", func() { a.now = &controllers.Sighting{Generation: 1, Labels: map[string]string{}} })
}

func (a *aviary) Renew(context.Context) (controllers.Sighting, error) {
	return a.write("renew", func() {
		if !a.fixed {
			a.now.Generation++
		}
	})
}

func (a *aviary) Label(_ context.Context, key, value string) (controllers.Sighting, error) {
	return a.write("label "+value, func() { a.now.Labels[key] = value })
}

func (a *aviary) wantWrites(t *testing.T, want ...string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if diff := cmp.Diff(want, a.writes); diff != "" {
		t.Errorf("writes of the canary (-want +got):\n%s", diff)
	}
}

func canaryName(controller string) cache.ObjectName {
	return cache.NewObjectName("locks", "wheelhouse-canary-"+controller)
}

// sharing is for a manager with one controller, which works only while nobody else does.
func (a *aviary) sharing(r run) manager.Config {
	d := controller("a", r)
	d.Canary = &controllers.Canary{
		Resource: schema.GroupResource{Group: "birds.example", Resource: "canaries"},
		Open:     func(controllers.Env) controllers.CanaryObject { return a },
	}
	c := config(d)
	c.Canary = canaryName
	return c
}

const (
	asking   = "Blocked: asking whether somebody else drives canaries.birds.example"
	occupied = `Blocked: "kcm" drives canaries.birds.example as well, and has observed the canary locks/wheelhouse-canary-a`
)

// after lets time pass until then since begin.
func after(begin time.Time, d time.Duration) {
	time.Sleep(time.Until(begin.Add(d)))
	synctest.Wait()
}
