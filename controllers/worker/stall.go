package worker

import (
	"fmt"
	"time"
)

// Check returns an error if the worker is stuck: it runs and has keys, and for longer than the deadline of one reconcile none has
// been finished. A reconcile that its deadline ended counts as one that was not. Hosts ask for it under this name.
func (w *Worker) Check() error {
	if stalled, held, ready := w.queue.stalled(time.Now()); stalled > w.config.Timeout {
		return fmt.Errorf("nothing was finished for %v: %d keys are being reconciled, %d wait", stalled.Round(time.Second), held, ready)
	}
	return nil
}

// stalled returns for how long nothing has been finished although there was work.
func (q *queue) stalled(now time.Time) (d time.Duration, held, ready int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	held, ready = len(q.held), q.ready.len()
	if !q.working || held+ready == 0 && !q.overdue {
		return 0, held, ready
	}
	return now.Sub(q.progress), held, ready
}

// setWorking tells that keys are worked on from now on, or no longer.
func (q *queue) setWorking(working bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.working, q.overdue, q.progress = working, false, time.Now()
}

// ended tells how a reconcile ended: by itself, or by its deadline.
func (q *queue) ended(how outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.overdue = how == timedOut; !q.overdue {
		q.progress = time.Now()
	}
}

// busyLocked is called before a key becomes ready: where there was no work, none could be finished.
func (q *queue) busyLocked() {
	if q.ready.len() == 0 && len(q.held) == 0 && !q.overdue {
		q.progress = time.Now()
	}
}
