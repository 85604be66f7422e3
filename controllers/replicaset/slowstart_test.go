package replicaset

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSlowStart(t *testing.T) {
	for _, tc := range []struct {
		name   string
		missed []int         // by how many pods batches are smaller than they may be, as the last of a turn is
		pause  time.Duration // after that
		want   []int         // batches until then, and the next one
	}{
		{"begins with one", nil, 0, []int{1}},
		{"doubles up to the limit", []int{0, 0, 0, 0, 0, 0}, 0, []int{1, 2, 4, 8, 16, 32, 32}},
		{"goes on in the next turn", []int{0, 0, 1}, 5 * time.Second, []int{1, 2, 3, 6}},
		{"does not shrink because little was missing", []int{0, 0, 0, 7}, 0, []int{1, 2, 4, 1, 8}},
		{"begins anew after a rest", []int{0, 0, 0}, 11 * time.Second, []int{1, 2, 4, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s slowStart
			var got []int
			now := epoch()
			for _, less := range tc.missed {
				size := s.next(now) - less
				got, s = append(got, size), s.made(size, now)
			}
			if diff := cmp.Diff(tc.want, append(got, s.next(now.Add(tc.pause)))); diff != "" {
				t.Errorf("batches (-want +got):\n%s", diff)
			}
		})
	}
}
