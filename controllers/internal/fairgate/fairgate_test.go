package fairgate_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/fairgate"
)

func TestNamespacesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := fairgate.New(20)
		var wg sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		for range 500 {
			wg.Go(func() { _ = gate.Wait(ctx, "greedy") })
		}
		synctest.Wait()
		begin := time.Now()
		for range 3 {
			if err := gate.Wait(ctx, "modest"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begin); took > 500*time.Millisecond {
			t.Errorf("three requests beside 500 of another namespace took %s, want at most 500ms", took)
		}
		cancel()
		wg.Wait()
	})
}

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := fairgate.New(20)
		begin := time.Now()
		for range 18 + 180 { // the burst and ten seconds
			if err := gate.Wait(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begin).Round(100 * time.Millisecond); took != 10*time.Second {
			t.Errorf("198 requests took %s, want 10s", took)
		}
	})
}

func TestWhoLeavesTakesNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := fairgate.New(1)
		if err := gate.Wait(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := gate.Wait(ctx, "a"); err == nil {
			t.Error("passed without a token")
		}
		begin := time.Now()
		if err := gate.Wait(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 1100*time.Millisecond {
			t.Errorf("waited %s, want the time of one token", took)
		}
	})
}

func TestNoLimiterNoGate(t *testing.T) {
	var none *fairgate.Gate
	for _, gate := range []*fairgate.Gate{none, fairgate.New(0)} {
		for range 1000 {
			if err := gate.Wait(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
	}
}
