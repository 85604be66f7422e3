package together

import (
	"cmp"
	"context"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/deployment"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
	"github.com/6ead2ce0/wheelhouse/controllers/replicaset"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// process is one that leads: engines as production runs them, with caches that lag and queues without workers.
type process struct {
	*world
	fate                    *simulation.Fate
	deployments, sets, pods *simulation.Feed
	loops                   []*loop
	// live says that the task at work has read ReplicaSets from the API server.
	live bool
}

// loop is what there is of one controller in a process.
type loop struct {
	name      string
	reconcile func(context.Context, worker.Key) (worker.Result, error)
	concerned func(before, after any) []worker.Key
	due       map[worker.Key]time.Time
	failures  map[worker.Key]int
}

// lead makes new processes the leaders: of the controllers that the old one led, or of both in the beginning.
func (w *world) lead(old *process) {
	switch {
	case !w.apart:
		w.rolls = w.newProcess(true, true)
		w.scales = w.rolls
	case old == nil:
		w.rolls, w.scales = w.newProcess(true, false), w.newProcess(false, true)
	case old == w.rolls:
		w.rolls = w.newProcess(true, false)
	default:
		w.scales = w.newProcess(false, true)
	}
}

func (w *world) newProcess(rolls, scales bool) *process {
	p := &process{world: w, fate: &simulation.Fate{Random: w.random, Faults: w.faults}}
	feed := func(kind string, most int) *simulation.Feed {
		indexers := ownerindex.Indexers()
		indexers[cache.NamespaceIndex] = cache.MetaNamespaceIndexFunc
		f := simulation.NewFeed(w.server, kind, w.random.IntN(most), indexers)
		f.Notify = func(before, after simulation.Object) { p.wake(before, after) }
		return f
	}
	p.deployments, p.sets, p.pods = feed(simulation.Deployments, 4), feed(simulation.ReplicaSets, 10), feed(simulation.Pods, 20)
	if rolls {
		p.loops = append(p.loops, p.newRolling())
	}
	if scales {
		p.loops = append(p.loops, p.newScaling())
	}
	w.logf("new leader of %d controllers: lags behind by %d, %d and %d changes", len(p.loops), p.deployments.Behind(), p.sets.Behind(), p.pods.Behind())
	return p
}

func newLoop(name string, first []any) *loop {
	l := &loop{name: name, due: map[worker.Key]time.Time{}, failures: map[worker.Key]int{}}
	for _, object := range first {
		l.wake(worker.Self(object), time.Time{})
	}
	return l
}

func (p *process) newRolling() *loop {
	l := newLoop("deployment", p.deployments.Store.List())
	begin := func() *deployment.Engine {
		e := deployment.NewEngine(deployment.Config{
			Client:      mistakenClient{simulation.Client{Server: p.server, Fate: p.fate, Sent: p.sentRolling}, p},
			Deployments: p.deployments.Store, ReplicaSets: p.sets.Store, Pods: p.pods.Store,
			Now: func() time.Time { return p.now },
			Say: func(_ *appsv1.Deployment, eventType, reason, message string) {
				p.logf("event %s %s: %s", eventType, reason, message)
			},
			Wake: func(key worker.Key) { l.wake([]worker.Key{key}, p.now) },
		})
		_ = e.Begin(context.Background()) // no read fails
		return e
	}
	e := begin()
	l.concerned = e.Concerned
	l.reconcile = func(ctx context.Context, key worker.Key) (worker.Result, error) {
		if p.mistake.forgets {
			e = begin()
		}
		result, err := e.Reconcile(ctx, key)
		if p.mistake.sleeps {
			result.RequeueAfter = 0
		}
		return result, err
	}
	return l
}

func (p *process) newScaling() *loop {
	l := newLoop("replicaset", p.sets.Store.List())
	e := replicaset.NewEngine(replicaset.Config{
		Client:      simulation.Client{Server: p.server, Fate: p.fate, Sent: p.sentScaling},
		ReplicaSets: p.sets.Store, Pods: p.pods.Store,
		Now: func() time.Time { return p.now }, Nonce: p.random.Uint64(),
		Spread: func(n int, do func(int)) {
			for i := range n {
				do(i)
			}
		},
		Pass: func(context.Context, string) error { return nil },
		Say:  func(*appsv1.ReplicaSet, string, string, string) {},
		Wake: func(key worker.Key) { l.wake([]worker.Key{key}, p.now) },
	})
	_ = e.Begin(context.Background()) // no read fails
	l.reconcile, l.concerned = e.Reconcile, e.Concerned
	return l
}

func (p *process) feeds() []*simulation.Feed {
	return []*simulation.Feed{p.deployments, p.sets, p.pods}
}

func (p *process) wake(before, after simulation.Object) {
	for _, l := range p.loops {
		if l.concerned == nil { // not yet: it begins with all keys
			continue
		}
		var was, is any // nil pointers in an interface would not be nil
		if before != nil {
			was = before
		}
		if after != nil {
			is = after
		}
		l.wake(l.concerned(was, is), p.now)
	}
}

func (l *loop) wake(keys []worker.Key, at time.Time) {
	for _, key := range keys {
		l.due[key] = at
	}
}

// task is a key that waits in a loop.
type task struct {
	*loop
	key worker.Key
	due time.Time
}

// tasks returns all that waits, the earliest first.
func (p *process) tasks() []task {
	var list []task
	for _, l := range p.loops {
		for key, due := range l.due {
			list = append(list, task{l, key, due})
		}
	}
	slices.SortFunc(list, func(a, b task) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.name, b.name), cmp.Compare(a.key.Name, b.key.Name))
	})
	return list
}

// work does one of the tasks that are due, if there is one. The process may be killed while it does.
func (p *process) work() (killed bool) {
	defer func() {
		switch value := recover(); value.(type) {
		case nil:
		case simulation.Killed:
			killed = true
		default:
			p.logf("panic")
			panic(value)
		}
	}()
	list := p.tasks()
	due := slices.IndexFunc(list, func(t task) bool { return t.due.After(p.now) })
	if due < 0 {
		due = len(list)
	}
	if due > 0 {
		p.do(list[p.random.IntN(due)])
	}
	return false
}

func (p *process) do(t task) {
	delete(t.loop.due, t.key)
	p.live = false
	result, err := t.reconcile(context.Background(), t.key)
	p.logf("%s %s reconciled: again after %s, error %v", t.name, t.key.Name, result.RequeueAfter, err)
	after := result.RequeueAfter
	if err != nil {
		t.failures[t.key]++
		after = min(30*time.Second, 5*time.Millisecond<<min(t.failures[t.key], 13))
	} else {
		t.failures[t.key] = 0
	}
	if _, again := t.loop.due[t.key]; after > 0 && !again {
		t.loop.due[t.key] = p.now.Add(after)
	}
}

// seen returns how far the cache is.
func seen(f *simulation.Feed) int {
	return simulation.VersionOf(f.Store.LastStoreSyncResourceVersion())
}
