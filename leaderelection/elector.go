package leaderelection

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
)

// Config is what an Elector needs. All of it must be set but Clock and Shares.
type Config struct {
	Options
	// Identity is who holds the lease. It must be another one for each process.
	Identity string
	// Client watches and writes the lease. It should have a rate limit and connections of its own, so that nothing else delays
	// a renewal.
	Client coordinationclient.LeasesGetter
	// Clock tells when the lease could have expired. Default: BootTime.
	Clock Clock
	// Shares, if set, is what this elector has in common with those of other leases.
	Shares  *Shares
	Log     *zap.Logger
	Metrics prometheus.Registerer
}

// Elector contends for one lease.
type Elector struct {
	config  Config
	leases  coordinationclient.LeaseInterface
	metrics *metrics
	view    view
	trouble troubles
	cold    func() bool // nil if never

	mu   sync.Mutex
	term *term // guarded by mu: nil between terms
}

// New returns an Elector and registers its metrics, all of them at 0.
func New(config Config) (*Elector, error) {
	if config.Clock == nil {
		config.Clock = BootTime
	}
	e := &Elector{
		config:  config,
		leases:  config.Client.Leases(config.Namespace),
		metrics: newMetrics(config.Name),
		view:    view{changed: make(chan struct{}, 1)},
	}
	if err := e.metrics.register(config.Metrics); err != nil {
		return nil, fmt.Errorf("register leader election metrics: %w", err)
	}
	return e, nil
}

// Run contends for the lease until ctx ends, and calls lead for each term, with two contexts. The first one's end tells to drain:
// lead must return soon after, and may finish what it is at. The second is the term's, and ends when the lease is lost and no
// sooner: lead must stop at once and return. Until lead has returned after a drain, the lease is renewed; then it is released.
func (e *Elector) Run(ctx context.Context, lead func(drain, term context.Context)) error {
	following, stop := context.WithCancel(context.WithoutCancel(ctx)) // also while draining
	var follower sync.WaitGroup
	defer follower.Wait()
	defer stop()
	if ctx.Err() != nil {
		return nil
	}
	follower.Go(func() { e.follow(following) })
	if e.config.Shares != nil {
		defer e.config.Shares.join(ctx)()
	}
	for ctx.Err() == nil {
		if t := e.acquire(ctx); t != nil {
			e.serve(ctx, t, lead)
		}
	}
	return nil
}

// spread is how long a replica waits at most before it takes a lease that has become free. The first one that does is seen by the
// others within some milliseconds, and they let it be.
const spread = 25 * time.Millisecond

// acquire waits until the lease is free and takes it. It returns nil if ctx ends before.
func (e *Elector) acquire(ctx context.Context) *term {
	for {
		wait := e.view.untilFree(e.config.Identity, e.config.LeaseDuration, e.patience(), e.config.Clock())
		if !e.sleepUnchanged(ctx, wait+rand.N(spread)) {
			if ctx.Err() != nil {
				return nil
			}
			continue
		}
		lease, free := e.view.free(e.config.Identity, e.config.LeaseDuration, e.config.Clock())
		if !free { // it was renewed just now
			continue
		}
		if t := e.take(ctx, lease); t != nil {
			return t
		}
		if ctx.Err() != nil {
			return nil
		}
		e.sleepUnchanged(ctx, e.pause())
	}
}

// Handicap makes the elector leave a free lease to others for a retry period while cold returns true. It must be called before Run.
func (e *Elector) Handicap(cold func() bool) { e.cold = cold }

// patience returns how long to leave a free lease to others.
func (e *Elector) patience() time.Duration {
	patience := e.config.Shares.patience(e.config.Name)
	if e.cold != nil && e.cold() {
		patience += e.config.RetryPeriod
	}
	return patience
}

// pause returns how long to wait between tries.
func (e *Elector) pause() time.Duration {
	return e.config.RetryPeriod + rand.N(max(1, time.Duration((jitter-1)*float64(e.config.RetryPeriod))))
}

// sleepUnchanged waits, and reports whether meanwhile neither ctx has ended nor the view of the lease has changed.
func (e *Elector) sleepUnchanged(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-e.view.changed:
	case <-timer.C:
		return ctx.Err() == nil
	}
	return false
}

// serve sees one term through.
func (e *Elector) serve(ctx context.Context, t *term, lead func(drain, term context.Context)) {
	log := e.config.Log.With(zap.String("lease", e.config.lease()), zap.String("identity", e.config.Identity))
	log.Info("term begins")
	e.metrics.begun.Inc()
	e.metrics.leading.Set(1)
	defer e.metrics.leading.Set(0)
	keeping, stop := context.WithCancel(t.context)
	var keeper sync.WaitGroup
	keeper.Go(func() { e.keep(keeping, t) })
	defer context.AfterFunc(t.context, func() { e.metrics.leading.Set(0) })()
	drain, giveUp := context.WithCancel(ctx)
	defer giveUp()
	if e.config.Shares != nil {
		defer e.config.Shares.hold(e.config.Name, giveUp)()
	}
	lead(drain, t.context)
	stop()
	keeper.Wait()
	e.leave(t)
	cause := context.Cause(t.context)
	e.metrics.ended[fateOf(cause)].Inc()
	if fateOf(cause) != fateDrained {
		log.Info("term ended", zap.String("how", "lost the lease"), zap.NamedError("why", cause))
		return
	}
	log.Info("term ended", zap.String("how", "drained"))
	t.settle(log)
	e.release(context.WithoutCancel(ctx))
}

// enter makes the term the one that a change of the lease ends, unless it has changed already.
func (e *Elector) enter(t *term) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if holder := e.view.holder(); holder != e.config.Identity {
		t.end(lostTo(holder))
	}
	if t.over() {
		return false
	}
	e.term = t
	return true
}

// leave ends the term before anybody else may begin one.
func (e *Elector) leave(t *term) {
	if t.isWriting() { // for a controller that would not end
		t.doubt()
	}
	t.end(drained)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.term = nil
}

// see takes in the lease as somebody saw it. A term ends at the moment that somebody else is seen to
// hold the lease.
func (e *Elector) see(s sighting) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.view.show(s, e.config.Clock()) {
		return
	}
	if holder := holderOf(s.lease); e.term != nil && holder != e.config.Identity {
		e.term.end(lostTo(holder))
	}
}
