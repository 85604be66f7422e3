package worker

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Inspection is what a worker is doing at a time. Its JSON is written as Record's.
type Inspection struct {
	Workers int `json:"workers"` // how many keys are reconciled at once at the most
	Busy    int `json:"busy"`    // keys that are being reconciled
	Depth   int `json:"depth"`   // keys that are ready
	Delayed int `json:"delayed"` // keys that wait for a time that a good reconcile asked for
	Failing int `json:"failing"` // keys whose last reconcile failed, wherever they are now
	Backoff int `json:"backoff"` // those of them that wait for their retry
	Blocked int `json:"blocked"` // keys whose reconciles go well and can't do all that they should
	// Oldest is how long the key has been ready that has been so longest, and OldestKey is that key. Both are zero if none is ready.
	Oldest    metav1.Duration `json:"oldest,omitzero"`
	OldestKey Ref             `json:"oldestKey,omitzero"`
	// Reconciles and Errors are those that ended in the last 60 seconds.
	Reconciles  int       `json:"reconcilesLastMinute"`
	Errors      int       `json:"errorsLastMinute"`
	LastSuccess time.Time `json:"lastSuccess,omitzero"`
	LastError   *Record   `json:"lastError,omitempty"`
}

// Inspect tells what the worker is doing.
func (w *Worker) Inspect() Inspection {
	now := time.Now()
	i := Inspection{Workers: w.config.Workers}
	w.queue.inspect(now, &i)
	w.ring.inspect(now, &i)
	return i
}

// Records returns the newest n records, the newest first.
func (w *Worker) Records(n int) []Record {
	return w.ring.last(n, func(*record) bool { return true })
}

// Slowest returns the n kept records that took longest, the slowest first.
func (w *Worker) Slowest(n int) []Record {
	return w.ring.slowest(n)
}

func (q *queue) inspect(now time.Time, i *Inspection) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.promoteLocked(now)
	i.Busy, i.Depth = len(q.held), q.ready.len()
	i.Failing, i.Backoff, i.Blocked = q.failing, q.retried, q.blocked
	i.Delayed = len(q.waiting) - q.retried
	if oldest := q.ready.oldest(); oldest != nil {
		i.Oldest, i.OldestKey = metav1.Duration{Duration: max(now.Sub(oldest.since), 0)}, Ref(oldest.key)
	}
}

func (r *ring) inspect(now time.Time, i *Inspection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i.Reconciles, i.Errors = r.minute.sum(now)
	i.LastSuccess = r.lastSuccess
	if r.lastError != nil {
		last := r.lastError.export()
		i.LastError = &last
	}
}
