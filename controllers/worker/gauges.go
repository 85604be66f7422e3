package worker

import "time"

func (q *queue) backingOff() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.promoteLocked(time.Now())
	return float64(q.retried)
}

func (q *queue) failingCount() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return float64(q.failing)
}

func (q *queue) blockedCount() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return float64(q.blocked)
}

func (q *queue) delayed() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.promoteLocked(time.Now())
	return float64(len(q.waiting) - q.retried)
}

// age returns how long the key has been ready that has been so longest, in seconds.
func (q *queue) age() float64 {
	var i Inspection
	q.inspect(time.Now(), &i)
	return i.Oldest.Seconds()
}

// sinceSuccess returns how long ago a reconcile last succeeded, in seconds.
func (r *ring) sinceSuccess() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lastSuccess.IsZero() {
		return time.Since(r.made).Seconds()
	}
	return time.Since(r.lastSuccess).Seconds()
}

func (q *queue) busy() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return float64(len(q.held))
}

func (q *queue) unfinished() float64 {
	total, _ := q.running()
	return total.Seconds()
}

func (q *queue) longest() float64 {
	_, longest := q.running()
	return longest.Seconds()
}

// running returns for how long keys have been held: all added up, and the longest.
func (q *queue) running() (total, longest time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for it := range q.held {
		age := now.Sub(it.visit.started)
		total += age
		longest = max(longest, age)
	}
	return total, longest
}
