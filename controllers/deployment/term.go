package deployment

import (
	"slices"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/announce"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/apifault"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/denial"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/memories"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownwrites"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/pace"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// term is what the controller knows from one term of leadership, and forgets with it: another leader may have acted since.
type term struct {
	// begin is where the caches must have come to show all that earlier leaders wrote, nil until that is known.
	begin    atomic.Pointer[horizon]
	denials  *denial.Registry
	memories *memories.Book[memory]
}

func newTerm(triesPerSecond float64) *term {
	return &term{denials: denial.New(triesPerSecond), memories: memories.New[memory]()}
}

// horizon is what resourceVersions the caches must reach to show all that was written until some time. "" means that it isn't
// known.
type horizon struct {
	deployments, replicaSets, pods string
}

// isReached reports whether the caches are known to have come as far.
func (h horizon) isReached(c caches) bool {
	for _, one := range []struct {
		store   cache.Store
		version string
	}{{c.deployments, h.deployments}, {c.replicaSets, h.replicaSets}, {c.pods, h.pods}} {
		if !ownwrites.Reached(one.store, one.version) {
			return false
		}
	}
	return true
}

// memory is what a term knows of one Deployment and the caches don't show, or don't show yet.
type memory struct {
	generation int64
	sets, self ownwrites.Writes // on its ReplicaSets, and on itself
	// fresh says that the caches have reached the horizon. Until then ReplicaSets are changed only as a live read says.
	fresh   bool
	horizon horizon
	hold    statushold.Hold // of the status
	wait    stepWait
	match   match
	pace    pace.Pace
	// final is until when creation is pointless, because the namespace is being deleted.
	final time.Time
	told  announce.Told
	// blocked is what the last decision said is in the way. It holds while that decision's writes are not seen.
	blocked string
	// refused are the resourceVersions of ReplicaSets that could not be claimed.
	refused map[types.UID]string
}

// refuse records that the ReplicaSet can't be claimed as it is now.
func (m *memory) refuse(set *appsv1.ReplicaSet) {
	if m.refused == nil {
		m.refused = map[types.UID]string{}
	}
	m.refused[set.UID] = set.ResourceVersion
}

// claimable returns the ReplicaSets without those that could not be claimed and have not changed since.
func (m *memory) claimable(sets []*appsv1.ReplicaSet) []*appsv1.ReplicaSet {
	if len(m.refused) == 0 {
		return sets
	}
	return slices.DeleteFunc(sets, func(set *appsv1.ReplicaSet) bool {
		version, refused := m.refused[set.UID]
		return refused && version == set.ResourceVersion
	})
}

// distrust makes the next decision depend on a live read: the cache has not shown our own writes for too long.
func (m *memory) distrust() {
	m.fresh, m.horizon = false, horizon{}
}

// doubt makes the next decision depend on a live read if the write that ended in the error may have been carried out: the cache may
// be behind it, and no reply says how far it must come.
func (m *memory) doubt(err error) {
	if apifault.IsAmbiguous(err) {
		m.distrust()
	}
}

// remember returns what the term knows of the Deployment with this UID. What it knew of an earlier one of the same name is
// forgotten.
func (t *term) remember(key worker.Key, uid types.UID) *memory {
	return t.memories.Of(key, uid, func() *memory {
		t.denials.Forget(key)
		m := &memory{}
		if begin := t.begin.Load(); begin != nil {
			m.horizon = *begin
		}
		return m
	})
}

// forget drops what is known of a Deployment that is gone.
func (t *term) forget(key worker.Key) {
	t.memories.Forget(key)
	t.denials.Forget(key)
}
