package manager_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// stuck is a controller that says that its work doesn't get on.
type stuck struct{ run }

func (stuck) Check() error { return errors.New("nothing was finished for 3m0s") }

func TestWorkChecksTellWhoDoesNotGetOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := controller("slow", idle)
		slow.New = func(controllers.Env) (controllers.Controller, error) { return stuck{idle}, nil }
		m := start(t, config(controller("good", idle), slow, controller("bad", func(context.Context) error { panic("oh") })))
		synctest.Wait()
		handler := manager.HealthHandler("/healthz", m.WorkChecks(), everybody)
		want := map[string]string{
			"/healthz/good": "ok",
			"/healthz/slow": "[-]slow failed: nothing was finished for 3m0s\nhealthz check failed\n",
			"/healthz/bad":  "[-]bad failed: panic: oh\nhealthz check failed\n",
		}
		for path, text := range want {
			if _, body := get(handler, path); body != text {
				t.Errorf("%s = %q, want %q", path, body, text)
			}
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

// A controller that is slow to end is waited for. One that never ends keeps this process from leading, for good.
func TestProcessIsAliveUntilNoTermCanBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		elector := newTerms()
		c := config(controller("deaf", func(context.Context) error { <-release; return nil }))
		c.Elector = elector.forAll
		m := start(t, c)
		alive := func() (int, string) { return get(manager.HealthHandler("/livez", m.LiveChecks(), everybody), "/livez") }
		elector.begin <- struct{}{}
		time.Sleep(time.Hour)
		if code, body := alive(); code != 200 {
			t.Errorf("in its term: %d %s", code, body)
		}
		elector.lose <- struct{}{}
		time.Sleep(59 * time.Second)
		if code, body := alive(); code != 200 {
			t.Errorf("59s after the loss: %d %s", code, body)
		}
		time.Sleep(2 * time.Second)
		if code, _ := alive(); code != 503 {
			t.Errorf("61s after the loss: %d, want 503", code)
		}
		close(release)
		synctest.Wait()
		if code, body := alive(); code != 200 {
			t.Errorf("when it has ended after all: %d %s", code, body)
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}
