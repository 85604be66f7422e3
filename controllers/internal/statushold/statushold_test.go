package statushold_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
)

// look is one at a status at some time, in milliseconds.
type look struct {
	at int
	// is what is seen of the status: it "changes", is "settled", or is the "same" as was written.
	is string
}

// written returns at which of the looks the status is written, and for how much longer it is held back at the last.
func written(looks []look) (at []int, left time.Duration) {
	var hold statushold.Hold
	for _, l := range looks {
		now, isSettled := time.Unix(0, 0).Add(time.Duration(l.at)*time.Millisecond), l.is == "settled"
		if l.is == "same" {
			hold = hold.Same(false)
			continue
		}
		if left = hold.Left(isSettled, now); left > 0 {
			hold = hold.Held(isSettled, now)
			continue
		}
		hold, at = hold.Written(isSettled, now), append(at, l.at)
	}
	return at, left
}

func TestHold(t *testing.T) {
	for _, tc := range []struct {
		name  string
		looks []look
		want  []int
		left  time.Duration
	}{
		{"changes", []look{{0, "changes"}, {400, "changes"}}, nil, 1600 * time.Millisecond},
		{"changes for long", []look{{0, "changes"}, {2000, "changes"}}, []int{2000}, 0},
		{"is held for longer and longer", []look{{0, "changes"}, {2000, "changes"}, {2001, "same"}, {2100, "changes"}, {6000, "changes"}, {6100, "changes"}, {6200, "changes"}, {10_100, "changes"}},
			[]int{2000, 6100}, 100 * time.Millisecond},
		{"settled at once", []look{{0, "settled"}, {40, "settled"}}, nil, 20 * time.Millisecond},
		{"settles late", []look{{0, "changes"}, {500, "settled"}, {600, "settled"}}, []int{600}, 0},
		{"settles at the end", []look{{0, "changes"}, {1950, "settled"}}, nil, 50 * time.Millisecond},
		{"changes again", []look{{0, "settled"}, {50, "changes"}, {120, "settled"}}, nil, 60 * time.Millisecond},
		{"goes on after a rest", []look{{0, "changes"}, {2000, "changes"}, {2001, "same"}, {20_000, "changes"}, {21_900, "changes"}}, []int{2000}, 100 * time.Millisecond},
		{"is soon written again after it was settled", []look{{0, "changes"}, {2000, "changes"}, {2100, "settled"}, {2200, "settled"}, {2300, "changes"}, {4300, "changes"}},
			[]int{2000, 2200, 4300}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at, left := written(tc.looks)
			if diff := cmp.Diff(tc.want, at) + cmp.Diff(tc.left, left); diff != "" {
				t.Errorf("when it is written, and what is left at last (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUrgentWritesDoNotLengthenIt(t *testing.T) {
	hold := statushold.Hold{}.Written(false, time.Unix(0, 0)).Written(false, time.Unix(0, 0))
	if diff := cmp.Diff(2*time.Second, hold.Left(false, time.Unix(0, 0))); diff != "" {
		t.Errorf("held for (-want +got):\n%s", diff)
	}
}

func TestHurriedWritesDoNotLengthenIt(t *testing.T) {
	hold := statushold.Hold{}.Held(true, time.Unix(0, 0)).Written(false, time.Unix(0, 0)).Held(false, time.Unix(1, 0))
	if diff := cmp.Diff(2*time.Second, hold.Left(false, time.Unix(1, 0))); diff != "" {
		t.Errorf("held for (-want +got):\n%s", diff)
	}
}

func TestIsHeldForAtMost(t *testing.T) {
	var hold statushold.Hold
	for range 10 {
		hold = hold.Held(false, time.Unix(0, 0)).Written(false, time.Unix(0, 0))
	}
	if diff := cmp.Diff(4*time.Second, hold.Left(false, time.Unix(0, 0))); diff != "" {
		t.Errorf("held for (-want +got):\n%s", diff)
	}
}
