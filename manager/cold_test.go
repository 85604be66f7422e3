package manager_test

import (
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/kubernetes/fake"

	"github.com/6ead2ce0/wheelhouse/manager"
)

// polite is an elector that asks whether it would lead a replica that can't work yet.
type polite struct {
	always
	cold chan func() bool
}

func (p polite) Handicap(cold func() bool) { p.cold <- cold }

func TestReplicaIsColdWhileAControllerCouldNotBegin(t *testing.T) {
	for granted, want := range map[bool]bool{true: false, false: true} {
		synctest.Test(t, func(t *testing.T) {
			client := fake.NewClientset()
			allow(client, func(string, string) bool { return granted })
			c := withClient(client, podReader("reader", idle))
			elector := &polite{cold: make(chan func() bool, 1)}
			c.Elector = func(string) manager.Elector { return elector }
			m := start(t, c)
			time.Sleep(time.Minute)
			if got := (<-elector.cold)(); got != want {
				t.Errorf("with permissions granted %v, the replica is cold: %v, want %v", granted, got, want)
			}
			if err := m.stop(); err != nil {
				t.Errorf("Run = %v, want nil", err)
			}
		})
	}
}
