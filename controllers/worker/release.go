package worker

import "time"

// succeed ends the holding of a key and forgets its failures. If after is positive the key becomes ready again after it.
func (q *queue) succeed(key Key, after time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it := q.releaseLocked(key)
	it.failures = 0
	switch {
	case it.again:
		q.readyAgainLocked(it)
	case after > 0:
		q.waitLocked(it, after, Live)
	default:
		delete(q.items, key)
	}
}

// fail ends the holding of a key that could not be reconciled. The key becomes ready again after a delay that doubles with
// each failure in a row, unless it was added in the meantime: then it is ready at once.
func (q *queue) fail(key Key) (delay time.Duration, failures int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it := q.releaseLocked(key)
	it.failures++
	if it.again {
		q.readyAgainLocked(it)
		return 0, it.failures
	}
	delay = q.backoff(it.failures)
	q.waitLocked(it, delay, Background)
	return delay, it.failures
}

// putBack ends the holding of a key as if it had never been taken.
func (q *queue) putBack(key Key) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it := q.releaseLocked(key)
	it.priority = min(it.priority, it.taken)
	if !it.again {
		it.since = time.Now()
		q.metrics.adds.Inc()
	}
	q.readyAgainLocked(it)
}

// failures returns how often in a row the key, which the caller holds, has failed.
func (q *queue) failures(key Key) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.items[key].failures
}

func (q *queue) releaseLocked(key Key) *item {
	it := q.items[key]
	delete(q.held, it)
	q.metrics.worked.Observe(time.Since(it.started).Seconds())
	return it
}

// readyAgainLocked makes a key ready, whose adding has been counted, when its holding ends.
func (q *queue) readyAgainLocked(it *item) {
	it.again = false
	q.ready.push(it)
	q.notify()
}

func (q *queue) waitLocked(it *item, delay time.Duration, priority Priority) {
	it.priority = priority
	it.due = time.Now().Add(delay)
	q.waiting.add(it)
	q.metrics.retries.Inc()
	q.notify()
}
