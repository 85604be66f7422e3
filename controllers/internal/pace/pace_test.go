package pace_test

import (
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/pace"
)

func TestLeft(t *testing.T) {
	begin := time.Unix(1000, 0)
	for _, tc := range []struct {
		name       string
		generation int64 // when it is asked; 1 when it was looked at
		pods       int
		after      time.Duration
		want       time.Duration
	}{
		{"none", 1, 0, 0, 0},
		{"few", 1, 250, 0, 0},
		{"many", 1, 2000, 0, 80 * time.Millisecond},
		{"many, a while ago", 1, 2000, 30 * time.Millisecond, 50 * time.Millisecond},
		{"many, long ago", 1, 2000, time.Hour, 0},
		{"very many", 1, 100_000, 0, 100 * time.Millisecond},
		{"the clock was set back", 1, 2000, -time.Second, 0},
		{"the spec has changed", 2, 2000, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := pace.Looked(1, tc.pods, begin).Left(tc.generation, begin.Add(tc.after)); got != tc.want {
				t.Errorf("left is %v, want %v", got, tc.want)
			}
		})
	}
}

func TestWhatWasNeverLookedAtNeedNotWait(t *testing.T) {
	if got := (pace.Pace{}).Left(0, time.Unix(1000, 0)); got != 0 {
		t.Errorf("left is %v, want 0", got)
	}
}
