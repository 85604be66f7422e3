package manager_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

func TestFirstTermAsksWhetherSomebodyElseIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a aviary
		begin, m := time.Now(), start(t, a.sharing(idle))
		after(begin, 9900*time.Millisecond)
		m.wantState(t, "a", asking)
		after(begin, 10100*time.Millisecond)
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
				after(begin, 44900*time.Millisecond)
				m.wantState(t, "a", asking)
				after(begin, 45100*time.Millisecond)
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
		if n := len(a.writes); n < 100 || n > 130 {
			t.Errorf("asked %d times in an hour, want about 116", n)
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
		m.wantState(t, "a", "Backoff: it can't be found out whether somebody else drives canaries.birds.example: no cage is free")
		a.set(func() { a.refusal = nil })
		time.Sleep(16 * time.Second)
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
		time.Sleep(time.Minute)
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
		time.Sleep(time.Minute)
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

// A rival that is busy observes the canary late, and one whose replicas change places is away for a while.
func TestRivalThatIsLateIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := aviary{rival: "kcm"}
		m := start(t, a.sharing(func(context.Context) error {
			t.Error("the controller runs beside a rival")
			return nil
		}))
		for range 200 {
			time.Sleep(20 * time.Second)
			a.leaves()
			time.Sleep(17 * time.Second)
			a.comes("kcm")
		}
		time.Sleep(2 * time.Second)
		m.wantState(t, "a", occupied)
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}
