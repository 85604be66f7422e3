package replicaset

import (
	"slices"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/announce"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/denial"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/memories"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownwrites"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/pace"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// term is what the controller knows from one term of leadership, and forgets with it: another leader may have acted since.
type term struct {
	nonce uint64 // makes the names of this term's pods unlike those of others
	// begin is where the caches must have come to show all that earlier leaders wrote, nil until that is known.
	begin atomic.Pointer[versions]
	// drops says that the API server was seen to keep no number of terminating pods.
	drops    atomic.Bool
	denials  *denial.Registry
	memories *memories.Book[memory]
}

// versions are the resourceVersions of pods and ReplicaSets at a time. "" means that one isn't known.
type versions struct{ pods, replicaSets string }

func newTerm(nonce uint64, triesPerSecond float64) *term {
	return &term{nonce: nonce, denials: denial.New(triesPerSecond), memories: memories.New[memory]()}
}

// memory is what a term knows of one ReplicaSet and the caches don't show, or don't show yet.
type memory struct {
	generation int64
	pods, self ownwrites.Writes // on its pods, and on its status
	// fresh says that the caches have reached these versions, or were not asked to. Until then pods are created and deleted
	// only as a live read says.
	fresh                 bool
	podsAt, replicaSetsAt string
	// kept are names of pods whose creation failed, and may have succeeded: they are asked for again before others are.
	kept     []string
	ordinal  uint64 // of the next name
	newborns newborns
	// doubted are deletions that ended without a clear answer.
	doubted ownwrites.Writes
	// refused are the resourceVersions of orphans that could not be adopted.
	refused    map[types.UID]string
	succeeded  bool
	lastCreate time.Time
	start      slowStart // of what is missing
	hold       statushold.Hold
	pace       pace.Pace
	waited     bool // for own writes, says the last look
	// final is until when creation is pointless, because the namespace is being deleted.
	final time.Time
	told  announce.Told
	// blocked is what the last decision said is in the way. It holds while that decision's writes are not seen.
	blocked string
}

// distrust makes the next decision depend on a live read: the cache has not shown our own writes for too long.
func (m *memory) distrust() {
	m.fresh, m.podsAt, m.replicaSetsAt = false, "", ""
}

// remember returns what the term knows of the ReplicaSet with this UID. What it knew of an earlier one of the same name is
// forgotten.
func (t *term) remember(key worker.Key, uid types.UID) *memory {
	return t.memories.Of(key, uid, func() *memory {
		t.denials.Forget(key)
		m := &memory{}
		if begin := t.begin.Load(); begin != nil {
			m.podsAt, m.replicaSetsAt = begin.pods, begin.replicaSets
		}
		return m
	})
}

// forget drops what is known of a ReplicaSet that is gone.
func (t *term) forget(key worker.Key) {
	t.memories.Forget(key)
	t.denials.Forget(key)
}

// findKept forgets the names that were kept for pods that are there, and reports whether there are such: they were made after all.
func (m *memory) findKept(pods []*corev1.Pod, now time.Time) bool {
	found := false
	for _, pod := range pods {
		if len(m.kept) == 0 {
			break
		}
		if i := slices.Index(m.kept, pod.Name); i >= 0 {
			m.kept = slices.Delete(m.kept, i, i+1)
			m.newborns.add(pod, now)
			m.lastCreate, found = now, true
		}
	}
	return found
}
