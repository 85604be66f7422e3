package worker

import "time"

// failure is what a failing key has behind it.
type failure struct {
	times int       // in a row
	since time.Time // when it failed first
	last  string    // the error
}

func (q *queue) waitLocked(it *item, delay time.Duration, priority Priority) {
	it.priority = priority
	it.due = time.Now().Add(delay)
	q.waiting.add(it)
	if it.failure != nil {
		q.failing++
	}
	q.metrics.retries.Inc()
	q.notify()
}

// endWaitLocked takes the item out of the waiting keys if it is there.
func (q *queue) endWaitLocked(it *item) {
	if it.position >= 0 && it.failure != nil {
		q.failing--
	}
	q.waiting.remove(it)
}

// dueEvent returns why a waiting key waits.
func (it *item) dueEvent() Event {
	if it.failure != nil {
		return Retried
	}
	return LookedAgain
}
