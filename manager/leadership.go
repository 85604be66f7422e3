package manager

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// Elector decides when controllers work. Run calls lead for each term, one after the other, until ctx ends. The first context's
// end asks lead to finish what it is at and return; the second, the term's, ends when leadership is lost, and lead stops at
// once. Leadership is given up only when lead has returned. An elector may have a Check, of which readiness tells, and a Handicap, so that
// it leaves leadership to replicas that can work sooner.
type Elector interface {
	Run(ctx context.Context, lead func(drain, term context.Context)) error
}

// leadership is an elector and the controllers on which it decides.
type leadership struct {
	elector Elector
	hosted  []*hosted
	config  *Config
	// overdue is since when controllers whose work has been cancelled keep the next term waiting, nil if none do.
	overdue atomic.Pointer[time.Time]
}

// leaderships sorts the controllers by who decides on them.
func (m *Manager) leaderships() []*leadership {
	var all []*leadership
	by := map[Elector]*leadership{}
	for _, h := range m.hosted {
		elector := m.config.Elector(h.descriptor.Name)
		l, ok := by[elector]
		if !ok {
			l = &leadership{elector: elector, config: &m.config}
			by[elector], all = l, append(all, l)
		}
		l.hosted = append(l.hosted, h)
	}
	return all
}

// lead contends for all leaderships until ctx ends.
func (m *Manager) lead(ctx context.Context) error {
	errs := make([]error, len(m.leads))
	var running sync.WaitGroup
	for i, l := range m.leads {
		running.Go(func() { errs[i] = l.run(ctx) })
	}
	running.Wait()
	return errors.Join(errs...)
}

func (l *leadership) run(ctx context.Context) error {
	if e, ok := l.elector.(handicapped); ok {
		e.Handicap(l.isCold)
	}
	l.warmUp(ctx)
	var unended error
	err := l.elector.Run(ctx, func(drain, term context.Context) {
		unended = l.serve(ctx, drain, term)
	})
	return errors.Join(err, unended)
}

// handicapped is an elector that leaves leadership to others, if there are any, while cold returns true.
type handicapped interface {
	Handicap(cold func() bool)
}

// isCold reports whether a controller could not begin to work at once.
func (l *leadership) isCold() bool {
	for _, h := range l.hosted {
		select {
		case <-h.ready:
		default:
			return true
		}
	}
	return false
}

// warmUpTime bounds how long a replica keeps from contending until its caches are filled: others may be ready to lead, but
// if a cache can't be filled at all, the controllers that don't need it must work. Missing permissions are not waited for.
const warmUpTime = 15 * time.Second

func (l *leadership) warmUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, warmUpTime)
	defer cancel()
	awaitSettled(ctx, l.hosted)
}

// insist waits for controllers whose work has been cancelled, and gives up on them only when the process ends: until they have
// ended, another term would overlap this one.
func (l *leadership) insist(shutdown context.Context, ended <-chan struct{}) error {
	now := time.Now()
	l.overdue.Store(&now)
	defer l.overdue.Store(nil)
	for !await(context.Background(), ended, abandonTime) {
		err := l.unended()
		if shutdown.Err() != nil {
			return err
		}
		l.config.Log.Error("the next term has to wait", zap.Error(err))
	}
	return nil
}

func (l *leadership) unended() error {
	var names []string
	for _, h := range l.hosted {
		if h.isRunning() {
			names = append(names, h.descriptor.Name)
		}
	}
	return fmt.Errorf("controllers did not end within %v of being cancelled: %s", abandonTime, strings.Join(names, ", "))
}

// hopeless is how long after being cancelled a controller may still be waited for. What ignores its context for so long ignores it for
// good, and only a restart of the process lets another term begin here.
const hopeless = time.Minute

// check fails when no term can begin any more.
func (l *leadership) check() error {
	if since := l.overdue.Load(); since != nil && time.Since(*since) > hopeless {
		return fmt.Errorf("no term can begin: %w", l.unended())
	}
	return nil
}
