package leaderelection_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// A process with one lease a controller has many electors. The term of one lets no write of another's clients through, even while
// both lead.
func TestWritesPassInTermsOfTheirOwnElectorOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ofOne, ofOther leases
		one, other := start(t, "a", ofOne.client(way{})), start(t, "a", ofOther.client(way{}))
		apiOfOne, apiOfOther := behind(one.elector), behind(other.elector)
		termOfOne, termOfOther := one.term(t), other.term(t)
		for _, swapped := range []struct {
			api  *server
			term context.Context
		}{{apiOfOne, termOfOther}, {apiOfOther, termOfOne}} {
			if err := swapped.api.send(t, swapped.term, "POST"); !errors.Is(err, leaderelection.ErrFenced) {
				t.Errorf("in the term of another elector: %v, want %v", err, leaderelection.ErrFenced)
			}
			if len(swapped.api.seen) > 0 {
				t.Error("the write was sent")
			}
		}
		wantRefusals(t, one, map[string]float64{"no_term": 1})
		wantRefusals(t, other, map[string]float64{"no_term": 1})
		if err := errors.Join(apiOfOne.send(t, termOfOne, "POST"), apiOfOther.send(t, termOfOther, "POST")); err != nil {
			t.Errorf("each in its own: %v", err)
		}
		for _, r := range []replica{one, other} {
			r.stop()
			r.drained <- struct{}{}
			r.wantEnd(t)
		}
	})
}
