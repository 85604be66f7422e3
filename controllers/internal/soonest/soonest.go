// Package soonest chooses when to look at a key again, of several reasons to do so.
package soonest

import "time"

// Of returns the shortest of the durations that are not 0, or 0, which stands for never, if all are.
func Of(durations ...time.Duration) time.Duration {
	var least time.Duration
	for _, d := range durations {
		if d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	return least
}
