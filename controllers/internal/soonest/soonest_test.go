package soonest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
)

func TestNeverIsLaterThanAnything(t *testing.T) {
	got := []time.Duration{soonest.Of(), soonest.Of(0, 0), soonest.Of(0, time.Minute, time.Second), soonest.Of(time.Second, 0)}
	if diff := cmp.Diff([]time.Duration{0, 0, time.Second, time.Second}, got); diff != "" {
		t.Errorf("when to look again (-want +got):\n%s", diff)
	}
}
