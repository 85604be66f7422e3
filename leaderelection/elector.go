package leaderelection

import (
	"context"
	"fmt"

	"github.com/go-logr/zapr"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/util/retry"
	"k8s.io/klog/v2"
)

// Config is what an Elector needs. All of it must be set.
type Config struct {
	Options
	// Identity is who holds the lease. It must be another one for each process.
	Identity string
	// Client reads and writes the lease. It should have a rate limit of its own, so that nothing else delays a renewal, and
	// a timeout below the renew deadline.
	Client  kubernetes.Interface
	Log     *zap.Logger
	Metrics prometheus.Registerer
}

// Elector contends for one lease.
type Elector struct {
	config Config
	lock   *resourcelock.LeaseLock
	// leading is 1 during a term.
	leading prometheus.Gauge
}

// New returns an Elector and registers its metric, leader_election_master_status, at 0.
func New(config Config) (*Elector, error) {
	e := &Elector{
		config: config,
		lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: config.Namespace, Name: config.Name},
			Client:     config.Client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: config.Identity},
		},
		leading: prometheus.NewGauge(prometheus.GaugeOpts{
			Name:        "leader_election_master_status",
			Help:        "Whether this process holds the lease: 1 if it does, 0 if not.",
			ConstLabels: prometheus.Labels{"name": config.Name},
		}),
	}
	if err := config.Metrics.Register(e.leading); err != nil {
		return nil, fmt.Errorf("register leader election metrics: %w", err)
	}
	if _, err := e.newCandidate(e.lock, nil); err != nil {
		return nil, err
	}
	return e, nil
}

// Run contends for the lease until ctx ends, and calls lead for each term. The context of a term ends when the lease is lost
// and no sooner: lead itself must return soon after ctx has ended. Until it has, the lease is renewed; then it is released.
func (e *Elector) Run(ctx context.Context, lead func(term context.Context)) error {
	for ctx.Err() == nil {
		if err := e.contend(ctx, lead); err != nil {
			return err
		}
	}
	return nil
}

// contend waits for one term and sees it through.
func (e *Elector) contend(ctx context.Context, lead func(context.Context)) error {
	holding, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	holding = klog.NewContext(holding, zapr.NewLogger(e.config.Log))
	won := make(chan context.Context, 1)
	lock := &tenure{Interface: e.lock, duration: e.config.LeaseDuration, lose: stop}
	candidate, err := e.newCandidate(lock, won)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer lock.end()
		candidate.Run(holding)
	}()
	select {
	case <-ctx.Done():
	case <-ended: // lost as soon as it was won
	case term := <-won:
		if ctx.Err() == nil && term.Err() == nil {
			e.serve(term, lead)
		}
	}
	stop()
	<-ended
	if candidate.IsLeader() {
		e.release(context.WithoutCancel(ctx))
	}
	return nil
}

func (e *Elector) serve(term context.Context, lead func(context.Context)) {
	e.leading.Set(1)
	defer e.leading.Set(0)
	e.config.Log.Info("term begins", zap.String("lease", e.lock.Describe()), zap.String("identity", e.config.Identity))
	lead(term)
	how := "drained"
	if term.Err() != nil {
		how = "lost the lease"
	}
	e.config.Log.Info("term ended", zap.String("how", how))
}

// newCandidate returns client-go's elector, which knows one term only, and sends the context of that term to won.
func (e *Elector) newCandidate(lock resourcelock.Interface, won chan<- context.Context) (*leaderelection.LeaderElector, error) {
	candidate, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:          lock,
		Name:          e.config.Name,
		LeaseDuration: e.config.LeaseDuration,
		RenewDeadline: e.config.RenewDeadline,
		RetryPeriod:   e.config.RetryPeriod,
		// Not ReleaseOnCancel: it frees the lease while lead may still be working.
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(term context.Context) { won <- term },
			OnStoppedLeading: func() { e.leading.Set(0) },
		},
	})
	if err != nil {
		return nil, fmt.Errorf("contend for lease %s: %w", e.lock.Describe(), err)
	}
	return candidate, nil
}

// release gives the lease up if it is still ours, so that the next holder need not wait until it expires. A failure costs
// that wait and nothing else.
func (e *Elector) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, e.config.RenewDeadline)
	defer cancel()
	released := false
	// The last renewal may have been cut short, and arrive just now.
	err := retry.RetryOnConflict(retry.DefaultRetry, func() (err error) {
		released, err = e.clearHolder(ctx)
		return err
	})
	if err != nil {
		e.config.Log.Warn("release lease", zap.String("lease", e.lock.Describe()), zap.Error(err))
	}
	if released {
		e.config.Log.Info("lease released", zap.String("lease", e.lock.Describe()))
	}
}

// clearHolder reports whether the lease was ours and is nobody's now.
func (e *Elector) clearHolder(ctx context.Context) (bool, error) {
	record, _, err := e.lock.Get(ctx)
	if err != nil || record.HolderIdentity != e.config.Identity {
		return false, err
	}
	record.HolderIdentity = ""
	record.LeaseDurationSeconds = 1 // the shortest that the API allows
	if err := e.lock.Update(ctx, *record); err != nil {
		return false, err
	}
	return true, nil
}

// Always is for a process without rivals: its one term begins at once and is never lost.
type Always struct{}

// Run calls lead once, unless ctx has ended. The term's context never ends; lead must return soon after ctx has ended.
func (Always) Run(ctx context.Context, lead func(term context.Context)) error {
	if ctx.Err() == nil {
		lead(context.WithoutCancel(ctx))
	}
	return nil
}
