package worker

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// queue holds each key at most once, hands it to one worker at a time, and remembers failures and when to look again.
//
// A key is in the ready keys, or waits for its time, or is held by a worker, and then may have been added again. Nothing here
// starts a goroutine: keys whose time has come are found by whoever asks for one.
type queue struct {
	metrics *metrics
	backoff func(failures int) time.Duration
	// wake holds a token when somebody should look at the queue who isn't looking. Whoever takes a key while more keys are
	// ready or waiting passes the token on, so that one of the idle workers always watches for the next.
	wake chan struct{}

	mu      sync.Mutex
	items   map[Key]*item      // guarded by mu: every key that is ready, waiting, held, blocked, or has failures
	closed  bool               // guarded by mu: takes no key
	ready   readyKeys          // guarded by mu
	waiting waitingKeys        // guarded by mu
	held    map[*item]struct{} // guarded by mu
	spare   []*visit           // guarded by mu: to be used again
	failing int                // guarded by mu: how many keys have failed since they last succeeded
	retried int                // guarded by mu: how many of the waiting keys are among those
	blocked int                // guarded by mu: how many keys are blocked

	working  bool      // guarded by mu: a term runs
	overdue  bool      // guarded by mu: the reconcile that ended last was ended by its deadline
	progress time.Time // guarded by mu: when a reconcile last ended by itself, or work came where there was none
}

// item is what the queue knows of one key. The queue's mu guards it.
type item struct {
	key     Key
	failure *failure // nil unless it has failed since it last succeeded
	block   *block   // nil unless it is blocked
	why     causes   // that no worker has taken it for yet

	// of a ready key
	priority Priority
	since    time.Time     // when it became ready, or was added while held
	place    *list.Element // among the ready keys; nil when not there

	// of a waiting key
	due      time.Time
	position int // in the heap of waiting keys; -1 when not there

	// of a held key
	visit *visit
	taken Priority // that it had when it was taken
	again bool     // added since
}

func newQueue(m *metrics) *queue {
	return &queue{
		metrics: m,
		backoff: backoff,
		wake:    make(chan struct{}, 1),
		items:   map[Key]*item{},
		held:    map[*item]struct{}{},
	}
}

func (q *queue) add(key Key, priority Priority, cause Cause) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		it := q.itemLocked(key)
		it.why.add(cause)
		q.addLocked(it, priority)
	}
}

// open lets the queue take keys.
func (q *queue) open() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = false
}

// close empties the queue, of which no key may be held, and lets it take no more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.items, q.ready, q.waiting = map[Key]*item{}, readyKeys{}, nil
	q.failing, q.retried, q.blocked = 0, 0, 0
}

func (q *queue) itemLocked(key Key) *item {
	it, ok := q.items[key]
	if !ok {
		it = &item{key: key, position: -1}
		q.items[key] = it
	}
	return it
}

// addLocked makes the key ready now, or once more after the worker that holds it is done.
func (q *queue) addLocked(it *item, priority Priority) {
	if q.ready.has(it) {
		q.ready.raise(it, priority)
		return
	}
	if q.isHeldLocked(it) {
		q.addAgainLocked(it, priority)
		return
	}
	q.endWaitLocked(it)
	it.since = time.Now()
	q.pushLocked(it, priority)
}

func (q *queue) addAgainLocked(it *item, priority Priority) {
	if it.again {
		it.priority = min(it.priority, priority)
		return
	}
	it.again, it.priority, it.since = true, priority, time.Now()
	q.metrics.adds.Inc()
}

func (q *queue) pushLocked(it *item, priority Priority) {
	q.busyLocked()
	it.priority = priority
	q.ready.push(it)
	q.metrics.adds.Inc()
	q.notify()
}

// notify wakes one idle worker. It never blocks: one token is enough, because it is passed on.
func (q *queue) notify() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// get waits for a key and gives it to the caller, who then holds it until succeed, fail or putBack. It returns false when ctx
// has ended.
func (q *queue) get(ctx context.Context) (Key, bool) {
	for ctx.Err() == nil {
		key, wait, ok := q.take()
		if ok {
			return key, true
		}
		q.sleep(ctx, wait)
	}
	return Key{}, false
}

// forever stands for "until woken".
const forever = time.Duration(1<<63 - 1)

// take returns a key, or how long it is until the next one is due.
func (q *queue) take() (key Key, wait time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	q.promoteLocked(now)
	it := q.ready.pop()
	if it == nil {
		return Key{}, q.waiting.next(now), false
	}
	it.visit, it.taken = q.newVisitLocked(), it.priority
	*it.visit, it.why = visit{key: it.key, why: it.why, queued: it.since, started: now}, causes{}
	q.held[it] = struct{}{}
	q.metrics.queued.Observe(now.Sub(it.since).Seconds())
	if q.ready.len() > 0 || len(q.waiting) > 0 {
		q.notify()
	}
	return it.key, 0, true
}

func (q *queue) newVisitLocked() *visit {
	last := len(q.spare) - 1
	if last < 0 {
		return &visit{}
	}
	v := q.spare[last]
	q.spare = q.spare[:last]
	return v
}

// promoteLocked makes the keys ready whose time has come.
func (q *queue) promoteLocked(now time.Time) {
	for len(q.waiting) > 0 && !q.waiting[0].due.After(now) {
		it := q.waiting[0]
		q.endWaitLocked(it)
		it.since = it.due
		it.why.add(Cause{Event: it.dueEvent()})
		q.busyLocked()
		q.ready.push(it)
		q.metrics.adds.Inc()
	}
}

func (q *queue) sleep(ctx context.Context, wait time.Duration) {
	var due <-chan time.Time // nil, which never fires, when no key waits
	if wait != forever {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
	case <-q.wake:
	case <-due:
	}
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.promoteLocked(time.Now())
	return q.ready.len()
}

func (q *queue) isHeldLocked(it *item) bool {
	_, held := q.held[it]
	return held
}
