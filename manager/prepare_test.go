package manager_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestMissingPermissionHoldsOneControllerUntilItIsGranted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var granted atomic.Bool
		client := fake.NewClientset()
		allow(client, func(verb, _ string) bool { return granted.Load() || verb != "list" })
		m := start(t, withClient(client, podReader("reader", idle), controller("other", idle)))
		time.Sleep(10 * time.Second)
		m.wantState(t, "reader", "Waiting: forbidden: list pods")
		time.Sleep(10 * time.Second) // longer than the others wait for it
		m.wantState(t, "other", "Running")
		for _, action := range client.Actions() {
			if action.Matches("list", "pods") {
				t.Error("pods were listed without permission")
			}
		}
		granted.Store(true)
		time.Sleep(5 * time.Second)
		m.wantState(t, "reader", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestUnansweredPermissionReviewIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		client := fake.NewClientset()
		allow(client, everything)
		client.PrependReactor("create", "selfsubjectaccessreviews", func(clienttesting.Action) (bool, runtime.Object, error) {
			return !up.Load(), nil, errors.New("connection refused")
		})
		m := start(t, withClient(client, podReader("reader", idle)))
		time.Sleep(time.Minute)
		m.wantState(t, "reader", "Waiting: can't ask the API server for permissions: connection refused")
		up.Store(true)
		time.Sleep(5 * time.Second)
		m.wantState(t, "reader", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestMissingAPIIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var served atomic.Bool
		client := fake.NewClientset()
		allow(client, everything)
		missing := apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "")
		client.PrependReactor("list", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
			return !served.Load(), nil, missing
		})
		m := start(t, withClient(client, podReader("reader", idle)))
		time.Sleep(10 * time.Second)
		state := m.state(t, "reader")
		if !strings.HasPrefix(state, "Waiting: caches synced 0/1; waiting for pods: ") || !strings.HasSuffix(state, missing.Error()) {
			t.Errorf("state of reader is %q, want Waiting for pods because of %q", state, missing)
		}
		served.Store(true)
		time.Sleep(time.Minute)
		m.wantState(t, "reader", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

// Who waits for a permission can't be warmed up, so that nobody waits for it.
func TestMissingPermissionDoesNotKeepTheOthersWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset()
		allow(client, func(string, string) bool { return false })
		m := start(t, withClient(client, podReader("reader", idle), controller("other", idle)))
		synctest.Wait()
		m.wantState(t, "other", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestShutdownWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset()
		allow(client, func(string, string) bool { return false })
		m := start(t, withClient(client, podReader("reader", idle)))
		time.Sleep(time.Minute)
		begin := time.Now()
		if err := m.stop(); err != nil || time.Since(begin) != 0 {
			t.Errorf("Run = %v after %v, want nil at once", err, time.Since(begin))
		}
	})
}
