package worker

import "time"

// failure is what a failing key has behind it.
type failure struct {
	times int       // in a row
	since time.Time // when it failed first
	last  string    // the error
}

// failLocked takes in that the key has failed.
func (q *queue) failLocked(it *item, reason string) {
	if it.failure == nil {
		it.failure = &failure{since: time.Now()}
		q.failing++
	}
	it.failure.times++
	it.failure.last = reason
}

// forgetLocked takes in that the key, which doesn't wait, hasn't failed again.
func (q *queue) forgetLocked(it *item) {
	if it.failure != nil {
		it.failure = nil
		q.failing--
	}
}

func (q *queue) waitLocked(it *item, delay time.Duration, priority Priority) {
	it.priority = priority
	it.due = time.Now().Add(delay)
	q.waiting.add(it)
	if it.failure != nil {
		q.retried++
	}
	q.metrics.retries.Inc()
	q.notify()
}

// endWaitLocked takes the item out of the waiting keys if it is there.
func (q *queue) endWaitLocked(it *item) {
	if it.position >= 0 && it.failure != nil {
		q.retried--
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
