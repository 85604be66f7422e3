package manager_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// aviary is an API server, and a cache that is up to date, with one canary.
type aviary struct {
	mu      sync.Mutex
	now     *controllers.Sighting // guarded by mu: nil if it is not there
	frozen  *controllers.Sighting // guarded by mu: what the cache shows instead
	rival   string                // guarded by mu: who observes it; "" if nobody does
	refusal error                 // guarded by mu: of what is written
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
	return a.write("renew", func() { a.now.Generation++ })
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

func TestFirstTermAsksWhetherSomebodyElseIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a aviary
		begin, m := time.Now(), start(t, a.sharing(idle))
		after(begin, 4900*time.Millisecond)
		m.wantState(t, "a", asking)
		after(begin, 5100*time.Millisecond)
		m.wantState(t, "a", "Running")
		after(begin, time.Hour)
		m.wantState(t, "a", "Running")
		a.wantWrites(t, "create", "label 1")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestLaterTermsBeginAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{now: &controllers.Sighting{Generation: 7, Observed: 5, Labels: map[string]string{"wheelhouse.dev/unobserved": "7"}}}
		m := start(t, a.sharing(idle))
		synctest.Wait()
		m.wantState(t, "a", "Running")
		a.wantWrites(t)
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

// What an earlier leader left is believed only if it had waited long enough and nobody has come since.
func TestWhatProvesNothingIsAskedAgain(t *testing.T) {
	tests := []struct {
		name   string
		left   controllers.Sighting
		writes []string
	}{
		{"it did not get to the end", controllers.Sighting{Generation: 3, Observed: 2, Labels: map[string]string{}}, []string{"label 3"}},
		{"somebody has changed it since", controllers.Sighting{Generation: 4, Observed: 2, Labels: map[string]string{"wheelhouse.dev/unobserved": "3"}}, []string{"label 4"}},
		{"somebody was there since", controllers.Sighting{Generation: 3, Observed: 3, Labels: map[string]string{"wheelhouse.dev/unobserved": "3"}}, []string{"renew", "label 4"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := aviary{now: &tt.left}
				begin, m := time.Now(), start(t, a.sharing(idle))
				after(begin, 4900*time.Millisecond)
				m.wantState(t, "a", asking)
				after(begin, 5100*time.Millisecond)
				m.wantState(t, "a", "Running")
				a.wantWrites(t, tt.writes...)
				if err := m.stop(); err != nil {
					t.Errorf("Run = %v, want nil", err)
				}
			})
		})
	}
}

func TestControllerWaitsWhileSomebodyElseDoesItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{rival: "kcm"}
		begin, m := time.Now(), start(t, a.sharing(func(context.Context) error {
			t.Error("the controller runs beside a rival")
			return nil
		}))
		after(begin, 1100*time.Millisecond)
		m.wantState(t, "a", occupied)
		for _, c := range slices.Concat(m.ReadyChecks(), m.WorkChecks(), m.LiveChecks()) {
			if err := c.Run(); err != nil {
				t.Errorf("check %s of who waits for a rival fails: %v", c.Name, err)
			}
		}
		after(begin, time.Hour)
		m.wantState(t, "a", occupied)
		if n := len(a.writes); n < 52 || n > 70 {
			t.Errorf("asked %d times in an hour, want about 60", n)
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestControllerBeginsWhenTheRivalHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{rival: "kcm"}
		m := start(t, a.sharing(idle))
		time.Sleep(90 * time.Second)
		m.wantState(t, "a", occupied)
		a.leaves()
		time.Sleep(80 * time.Second)
		m.wantState(t, "a", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestControllerStopsWhenARivalComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a aviary
		var ends []time.Time
		m := start(t, a.sharing(func(ctx context.Context) error {
			<-ctx.Done()
			ends = append(ends, time.Now())
			if err := worker.Work(ctx).Err(); err != nil {
				t.Errorf("running reconciles were cancelled: %v", err)
			}
			return nil
		}))
		time.Sleep(10 * time.Minute)
		m.wantState(t, "a", "Running")
		came := time.Now()
		a.comes("kcm")
		after(came, 1100*time.Millisecond)
		m.wantState(t, "a", occupied)
		if len(ends) != 1 {
			t.Errorf("it has ended %d times, want once", len(ends))
		}
		time.Sleep(10 * time.Minute)
		m.wantState(t, "a", occupied)
		a.leaves()
		time.Sleep(80 * time.Second)
		m.wantState(t, "a", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestNobodyBeginsWhoCanNotAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{refusal: errors.New("no cage is free")}
		m := start(t, a.sharing(idle))
		time.Sleep(time.Minute)
		m.wantState(t, "a", "Blocked: it can't be found out whether somebody else drives canaries.birds.example: no cage is free")
		a.set(func() { a.refusal = nil })
		time.Sleep(11 * time.Second)
		m.wantState(t, "a", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestDeletedCanaryIsReplacedWhileTheWorkGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a aviary
		var runs int
		m := start(t, a.sharing(func(ctx context.Context) error {
			runs++
			return idle(ctx)
		}))
		time.Sleep(time.Minute)
		a.set(func() { a.now = nil })
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		m.wantState(t, "a", "Running")
		a.wantWrites(t, "create", "label 1", "create", "label 1")
		if runs != 1 {
			t.Errorf("it has been run %d times, want once", runs)
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

// A cache that is behind shows that somebody observed an earlier generation.
func TestOldCacheIsNoRival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := controllers.Sighting{Generation: 3, Observed: 3}
		now := old
		now.Labels = map[string]string{}
		a := aviary{now: &now, frozen: &old}
		m := start(t, a.sharing(idle))
		time.Sleep(30 * time.Second)
		m.wantState(t, "a", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestStateOfWhoWaitsEndsWithTheTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{rival: "kcm"}
		elector := newTerms()
		c := a.sharing(idle)
		c.Elector = elector.forAll
		m := start(t, c)
		elector.begin <- struct{}{}
		time.Sleep(30 * time.Second)
		m.wantState(t, "a", occupied)
		elector.lose <- struct{}{}
		synctest.Wait()
		m.wantState(t, "a", "Standby")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestCanaryMayBeAnotherOneInTheNextTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{now: &controllers.Sighting{Generation: 7, Observed: 7, Labels: map[string]string{}}}
		elector := newTerms()
		c := a.sharing(idle)
		c.Elector = elector.forAll
		m := start(t, c)
		elector.begin <- struct{}{}
		time.Sleep(30 * time.Second)
		m.wantState(t, "a", "Running")
		elector.lose <- struct{}{}
		a.set(func() {
			a.now = &controllers.Sighting{Generation: 1, Labels: map[string]string{"wheelhouse.dev/unobserved": "1"}}
		})
		elector.begin <- struct{}{}
		synctest.Wait()
		m.wantState(t, "a", "Running")
		a.wantWrites(t, "renew", "label 8")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestAskingNeedsPermissions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a aviary
		client := fake.NewClientset()
		allow(client, func(_, resource string) bool { return resource != "canaries" })
		c := withClient(client, a.sharing(idle).Controllers...)
		c.Canary = canaryName
		m := start(t, c)
		time.Sleep(time.Second)
		want := "Waiting: forbidden: create canaries.birds.example, get canaries.birds.example wheelhouse-canary-a, patch canaries.birds.example wheelhouse-canary-a"
		m.wantState(t, "a", want)
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestNobodyIsAskedForWhereThatIsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{rival: "kcm"}
		c := a.sharing(idle)
		c.Canary = nil
		m := start(t, c)
		synctest.Wait()
		m.wantState(t, "a", "Running")
		a.wantWrites(t)
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestControllerIsToldItsCanary(t *testing.T) {
	var a aviary
	c := a.sharing(idle)
	var got cache.ObjectName
	c.Controllers[0].New = func(env controllers.Env) (controllers.Controller, error) {
		got = env.Canary
		return run(idle), nil
	}
	m, err := manager.New(c)
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	if got != canaryName("a") {
		t.Errorf("env.Canary = %q, want %q", got, canaryName("a"))
	}
}
