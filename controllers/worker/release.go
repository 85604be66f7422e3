package worker

import "time"

// succeed ends the holding of a key that nothing blocks.
func (q *queue) succeed(key Key, after time.Duration) {
	q.finish(key, after, "")
}

// finish ends the holding of a key, forgets its failures, and keeps what blocks it, "" if nothing does. If after is positive the key
// becomes ready again after it, unless it was added in the meantime: then it is ready at once, and again is 0.
func (q *queue) finish(key Key, after time.Duration, blocked string) (again time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it := q.releaseLocked(key)
	q.forgetLocked(it)
	q.blockLocked(it, blocked)
	switch {
	case it.again:
		q.readyAgainLocked(it)
	case after > 0:
		q.waitLocked(it, after, Live)
		return after
	case it.block == nil:
		delete(q.items, key)
	}
	return 0
}

// fail ends the holding of a key that could not be reconciled. The key becomes ready again after a delay that doubles with
// each failure in a row, unless it was added in the meantime: then it is ready at once.
func (q *queue) fail(key Key, reason string) (delay time.Duration, failures int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it := q.releaseLocked(key)
	q.failLocked(it, reason)
	if it.again {
		q.readyAgainLocked(it)
		return 0, it.failure.times
	}
	delay = q.backoff(it.failure.times)
	q.waitLocked(it, delay, Background)
	return delay, it.failure.times
}

// putBack ends the holding of a key as if it had never been taken.
func (q *queue) putBack(key Key) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it := q.releaseLocked(key)
	it.priority = min(it.priority, it.taken)
	it.why.add(Cause{Event: PutBack})
	if !it.again {
		it.since = time.Now()
		q.metrics.adds.Inc()
	}
	q.readyAgainLocked(it)
}

// visit returns how the key, which the caller holds, was taken.
func (q *queue) visit(key Key) visit {
	q.mu.Lock()
	defer q.mu.Unlock()
	return *q.items[key].visit
}

// failures returns how often in a row the key, which the caller holds, has failed.
func (q *queue) failures(key Key) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if f := q.items[key].failure; f != nil {
		return f.times
	}
	return 0
}

func (q *queue) releaseLocked(key Key) *item {
	it := q.items[key]
	delete(q.held, it)
	q.metrics.worked.Observe(time.Since(it.visit.started).Seconds())
	q.spare = append(q.spare, it.visit)
	it.visit = nil
	return it
}

// readyAgainLocked makes a key ready, whose adding has been counted, when its holding ends.
func (q *queue) readyAgainLocked(it *item) {
	it.again = false
	q.ready.push(it)
	q.notify()
}
