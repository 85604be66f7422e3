package leaderelection

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
)

// Shares lets replicas share several leases out evenly: of n leases, each of r replicas should hold n/r, and the first n%r of them
// one more. Who holds more drains one, once all have had time to see who is there.
//
// A replica is there as long as it changes its annotation on one Lease, which nobody holds, in every retry period. One that is not
// seen to do so for a lease duration has gone. That this is wrong now and then costs a fair share, and no safety: who may
// write, each lease decides.
type Shares struct {
	config Config
	leases coordinationclient.LeaseInterface
	key    string // of our annotation
	total  int

	mu      sync.Mutex
	running int                           // guarded by mu: electors
	stop    func()                        // guarded by mu: ends the beat
	replica map[string]pulse              // guarded by mu; by key of the annotation
	present []string                      // guarded by mu: keys of the replicas that were there last
	steady  int                           // guarded by mu: beats since a replica has come or gone
	held    map[string]context.CancelFunc // guarded by mu; by lease: tells the term to drain
	yielded map[string]yield              // guarded by mu; by lease
}

// pulse is the last sign of life of a replica.
type pulse struct {
	text string        // the replica's identity, and how many signs it has given
	seen time.Duration // by the clock: when it was first seen like this
}

// identity returns whose sign of life it is.
func (p pulse) identity() string {
	identity, _, _ := strings.Cut(p.text, " ")
	return identity
}

// replicaPrefix begins the annotations of replicas.
const replicaPrefix = "replica.wheelhouse/"

// NewShares returns what the electors of so many leases share. Config is as for one Elector; its Name is that of the leases' common
// prefix. Its Metrics are not used.
func NewShares(config Config, leases int) *Shares {
	if config.Clock == nil {
		config.Clock = BootTime
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(config.Identity)) // it can't fail
	return &Shares{
		config: config, leases: config.Client.Leases(config.Namespace),
		key: replicaPrefix + strconv.FormatUint(hash.Sum64(), 16), total: leases,
		replica: map[string]pulse{}, held: map[string]context.CancelFunc{}, yielded: map[string]yield{},
	}
}

// members is the name of the Lease that replicas show themselves on.
func members(name string) string { return name + "-members" }

// join begins to show this replica, if no elector has done so, and returns what ends it.
func (s *Shares) join(ctx context.Context) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running++; s.running == 1 {
		ctx, cancel := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.beat(ctx)
		}()
		s.stop = func() {
			cancel()
			<-ended
		}
	}
	return s.leave
}

func (s *Shares) leave() {
	s.mu.Lock()
	s.running--
	last, stop := s.running == 0, s.stop
	s.mu.Unlock()
	if last {
		stop()
	}
}

// beat shows this replica until ctx ends. Then it takes its annotation away, so that the others need not wait.
func (s *Shares) beat(ctx context.Context) {
	for i := 0; ; i++ {
		if err := s.show(ctx, s.signs(s.config.Identity+" "+strconv.Itoa(i))); err != nil && ctx.Err() == nil {
			s.config.Log.Warn("share leases with other replicas", zap.Error(err))
		}
		s.rebalance()
		if !sleep(ctx, s.config.RetryPeriod) {
			break
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.RetryPeriod)
	defer cancel()
	if err := s.show(ctx, map[string]any{s.key: nil}); err != nil {
		s.config.Log.Debug("leave the other replicas", zap.Error(err))
	}
}

// signs returns the annotations to write: our own sign of life, and none of replicas that have long gone.
func (s *Shares) signs(own string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	signs, now := map[string]any{s.key: own}, s.config.Clock()
	for key, p := range s.replica {
		if key != s.key && now-p.seen > 2*s.config.LeaseDuration {
			signs[key] = nil
		}
	}
	return signs
}

// show writes annotations, without touching those of others, and takes in all that are there.
func (s *Shares) show(ctx context.Context, annotations map[string]any) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.RenewDeadline/2)
	defer cancel()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": annotations}})
	if err != nil {
		return fmt.Errorf("write annotations of lease %s: %w", members(s.config.Name), err)
	}
	lease, err := s.leases.Patch(ctx, members(s.config.Name), types.MergePatchType, patch, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) {
		_, err = s.leases.Create(ctx, &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.config.Namespace, Name: members(s.config.Name)},
		}, metav1.CreateOptions{})
		if err == nil || apierrors.IsAlreadyExists(err) {
			lease, err = s.leases.Patch(ctx, members(s.config.Name), types.MergePatchType, patch, metav1.PatchOptions{})
		}
	}
	if err == nil {
		s.see(lease.Annotations)
	}
	return err
}

// see takes in who is there.
func (s *Shares) see(annotations map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Clock()
	maps.DeleteFunc(s.replica, func(key string, _ pulse) bool { _, there := annotations[key]; return !there })
	for key, text := range annotations {
		if len(key) > len(replicaPrefix) && key[:len(replicaPrefix)] == replicaPrefix && s.replica[key].text != text {
			s.replica[key] = pulse{text, now}
		}
	}
	present := s.presentLocked()
	if s.steady++; !slices.Equal(s.present, present) {
		s.present, s.steady = present, 0
		clear(s.yielded) // somebody else may want what nobody took
	}
}

// presentLocked returns the replicas that are there, sorted.
func (s *Shares) presentLocked() []string {
	now := s.config.Clock()
	var present []string
	for key, p := range s.replica {
		if now-p.seen <= s.config.LeaseDuration {
			present = append(present, key)
		}
	}
	slices.Sort(present)
	return present
}

// Replicas returns the identities of the replicas that are there, sorted.
func (s *Shares) Replicas() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var identities []string
	for _, key := range s.presentLocked() {
		identities = append(identities, s.replica[key].identity())
	}
	slices.Sort(identities)
	return identities
}
