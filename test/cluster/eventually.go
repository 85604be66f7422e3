package cluster

import (
	"testing"
	"time"
)

const (
	// patience bounds what tests wait for: a hundred times what it takes on an idle machine.
	patience = time.Minute
	// glance is how often they look.
	glance = 20 * time.Millisecond
)

// Eventually fails the test unless holds returns true within a minute.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	EventuallyWithin(t, patience, what, holds)
}

// EventuallyWithin fails the test unless holds returns true within the bound.
func EventuallyWithin(t testing.TB, bound time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(bound); time.Now().Before(deadline); time.Sleep(glance) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited %v in vain for %s", bound, what)
}
