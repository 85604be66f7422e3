package manager_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// By the cache the next leader may begin. The API server knows better.
func TestTakeoverLooksAtTheAPIServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := controllers.Sighting{Generation: 7, Labels: map[string]string{"wheelhouse.dev/unobserved": "7"}}
		now := left
		now.Observed, now.Observer = 7, "kcm"
		a := aviary{now: &now, frozen: &left, rival: "kcm"}
		m := start(t, a.sharing(idle))
		synctest.Wait()
		m.wantState(t, "a", occupied)
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestCanaryWhoseSpecIsPutBackIsNoRival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{now: &controllers.Sighting{Generation: 3, Observed: 3}, fixed: true}
		m := start(t, a.sharing(idle))
		time.Sleep(time.Second)
		m.wantState(t, "a", "Backoff: it can't be found out whether somebody else drives canaries.birds.example: "+
			"renew the canary locks/wheelhouse-canary-a: something puts its spec back")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

// panicking is a canary of somebody whose code has a mistake.
type panicking struct {
	*aviary
	when *atomic.Bool
}

func (p panicking) Cached() (controllers.Sighting, bool) {
	if p.when.Load() {
		panic("no feathers")
	}
	return p.aviary.Cached()
}

func TestCanaryThatPanicsIsOneControllersTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var panics atomic.Bool
		panics.Store(true)
		var a aviary
		c := a.sharing(idle)
		c.Controllers[0].Canary.Open = func(controllers.Env) controllers.CanaryObject { return panicking{&a, &panics} }
		m := start(t, c)
		time.Sleep(time.Second)
		m.wantState(t, "a", "Backoff: panic: no feathers")
		panics.Store(false)
		time.Sleep(20 * time.Second)
		m.wantState(t, "a", "Running")
		panics.Store(true)
		time.Sleep(time.Minute)
		m.wantState(t, "a", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}
