package pace_test

import (
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/pace"
)

func TestLeft(t *testing.T) {
	begin := time.Unix(1000, 0)
	for _, tc := range []struct {
		name  string
		pods  int
		after time.Duration
		want  time.Duration
	}{
		{"none", 0, 0, 0},
		{"few", 250, 0, 0},
		{"many", 2000, 0, 80 * time.Millisecond},
		{"many, a while ago", 2000, 30 * time.Millisecond, 50 * time.Millisecond},
		{"many, long ago", 2000, time.Hour, 0},
		{"very many", 100_000, 0, 100 * time.Millisecond},
		{"the clock was set back", 2000, -time.Second, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := pace.Looked(tc.pods, begin).Left(begin.Add(tc.after)); got != tc.want {
				t.Errorf("left is %v, want %v", got, tc.want)
			}
		})
	}
}

func TestWhatWasNeverLookedAtNeedNotWait(t *testing.T) {
	if got := (pace.Pace{}).Left(time.Unix(1000, 0)); got != 0 {
		t.Errorf("left is %v, want 0", got)
	}
}
