package supervise

import "time"

const (
	// stableAfter is how long a process must have run for its end to count as the first again.
	stableAfter = 20 * time.Second
	// leastGrowing is what the delay grows from when the first is shorter: a restart delay of 0 must not become a busy loop.
	leastGrowing = 100 * time.Millisecond
	// longestDelay keeps a cluster that was repaired from outside from waiting long.
	longestDelay = 30 * time.Second
)

// backoff says how long to wait before the next start: base first, then twice as long each time the process ends soon.
type backoff struct {
	base    time.Duration
	current time.Duration
	failing bool
}

func (b *backoff) next(ran time.Duration) time.Duration {
	if ran >= stableAfter || !b.failing {
		b.failing = true
		b.current = b.base
		return b.current
	}
	b.current = min(2*max(b.current, leastGrowing), max(longestDelay, b.base))
	return b.current
}
