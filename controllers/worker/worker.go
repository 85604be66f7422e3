package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"k8s.io/client-go/tools/cache"
)

// Key names an object by namespace (empty for one that has none) and name.
type Key = cache.ObjectName

// Reconcile brings the object of the key to what it should be. It must return soon after ctx ends.
type Reconcile func(ctx context.Context, key Key) (Result, error)

// Result says what follows a reconcile that returned no error.
type Result struct {
	// RequeueAfter is when to look at the key again even if nothing happens. 0 or less means never. An event in the meantime
	// leads to a reconcile at once, whose own result then counts.
	RequeueAfter time.Duration
	// Blocked says what keeps the object from being what it should be though the reconcile went well, such as a quota that leaves no
	// room for a pod. It changes nothing in when the key is looked at; whoever looks into the worker is told of it until a reconcile
	// succeeds with none.
	Blocked string
}

// DefaultTimeout bounds a reconcile for which Config says nothing: longer than the slowest API call that is allowed to end
// (60 s), short enough that a lost one holds its worker for minutes, not for ever.
const DefaultTimeout = 2 * time.Minute

// Config says how a Worker works. Name, Workers, Reconcile, Log and Metrics must be set.
type Config struct {
	Name      string    // of the controller; the label of its metrics
	Workers   int       // how many keys are reconciled at once; at least 1
	Reconcile Reconcile // called by up to Workers goroutines at once, never for the same key
	// Timeout is how long one reconcile may take before its context ends. Default: DefaultTimeout.
	Timeout time.Duration
	// Keys returns every key that there is. If it is set, Run begins by adding them as Background, and between terms the
	// queue is empty and takes nothing: what happens in the meantime is covered by the Keys of the next term. Without it the
	// queue goes on collecting between terms, and grows on a standby by every key that comes and goes.
	Keys func() []Key
	// MaxRetries is how often a failing key is tried again before it is dropped. 0, the default, means for ever.
	MaxRetries int
	Log        *zap.Logger
	Metrics    prometheus.Registerer
	// Tracer makes a span of each reconcile, which its context carries: requests sent with that context can be children of it. Nil, the
	// default, makes none.
	Tracer trace.Tracer
}

func (c Config) validate() error {
	switch {
	case c.Name == "":
		return errors.New("worker has no name")
	case c.Workers < 1:
		return fmt.Errorf("worker %s: Workers must be at least 1, not %d", c.Name, c.Workers)
	case c.Reconcile == nil:
		return fmt.Errorf("worker %s has no Reconcile", c.Name)
	case c.Log == nil || c.Metrics == nil:
		return fmt.Errorf("worker %s has no Log or no Metrics", c.Name)
	case c.Timeout < 0 || c.MaxRetries < 0:
		return fmt.Errorf("worker %s: Timeout and MaxRetries must not be negative", c.Name)
	}
	return nil
}

// Worker is a queue of keys and those who work on it.
type Worker struct {
	config  Config
	queue   *queue
	ring    ring
	metrics *metrics
}

// New returns a Worker with an empty queue, and registers its metrics, all of them at 0.
func New(config Config) (*Worker, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	if config.Timeout == 0 {
		config.Timeout = DefaultTimeout
	}
	config.Tracer = unlessIdle(config.Tracer)
	w := &Worker{config: config, ring: ring{made: time.Now()}, metrics: newMetrics()}
	w.queue = newQueue(w.metrics)
	if config.Keys != nil {
		w.queue.close()
	}
	if err := w.metrics.register(w); err != nil {
		return nil, fmt.Errorf("register metrics of worker %s: %w", config.Name, err)
	}
	return w, nil
}

// Add puts the key into the queue, or moves it forward if it waits there with a lower priority. It may be called at any time;
// between terms it does nothing if Keys are configured.
func (w *Worker) Add(key Key, priority Priority) {
	w.queue.add(key, priority, Cause{Event: Direct})
}

// AddBecause is Add with a cause for the records. Handlers of a controller's own get one from CauseOf.
func (w *Worker) AddBecause(cause Cause, key Key, priority Priority) {
	w.queue.add(key, priority, cause)
}

// Len returns how many keys are in the queue, without those that a worker holds or that wait for their time.
func (w *Worker) Len() int {
	return w.queue.len()
}

// Run works on the queue until ctx ends, and returns nil when the last reconcile has returned. Reconciles that run when ctx
// ends are cancelled or may finish, as Work(ctx) says. Calls must not overlap.
func (w *Worker) Run(ctx context.Context) error {
	w.queue.setWorking(true)
	defer w.queue.setWorking(false)
	if w.config.Keys != nil {
		defer w.queue.close()
		w.queue.open()
	}
	run, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop() // if Keys panics, no worker is left behind
	for range w.config.Workers {
		workers.Go(func() { w.work(run) })
	}
	w.fill() // while they work: the first key need not wait for the last
	workers.Wait()
	return nil
}

// fill adds all keys. The queue is open by then: an event that comes while the keys are named may tell of another.
func (w *Worker) fill() {
	if w.config.Keys == nil {
		return
	}
	for _, key := range w.config.Keys() {
		w.AddBecause(Cause{Event: TermBegan}, key, Background)
	}
}

func (w *Worker) work(ctx context.Context) {
	for {
		key, ok := w.queue.get(ctx)
		if !ok {
			return
		}
		w.process(Work(ctx), key)
	}
}
