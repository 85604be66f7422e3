package leaderelection

import (
	"math"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// releasedSeconds is the duration of a lease that nobody holds: the shortest that the API allows.
const releasedSeconds = 1

// holderOf returns who holds the lease, or "" if nobody does or there is none.
func holderOf(lease *coordinationv1.Lease) string {
	if lease == nil || lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// durationOf returns how long the holder has, from the time at which the lease was first seen like this.
func durationOf(lease *coordinationv1.Lease) time.Duration {
	if lease.Spec.LeaseDurationSeconds == nil {
		return 0
	}
	return time.Duration(*lease.Spec.LeaseDurationSeconds) * time.Second
}

// isNewer reports whether a lease of this version may replace one of the other. Versions that aren't numbers, which only tests
// have, may.
func isNewer(version, other string) bool {
	order, err := resourceversion.CompareResourceVersion(version, other)
	return err != nil || order > 0
}

// The writes below keep to what client-go's leader election writes, so that its replicas and users read them alike.

// taken returns the lease with the identity as its holder from now on.
func (o Options) taken(lease *coordinationv1.Lease, identity string, now time.Time) *coordinationv1.Lease {
	changed := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name}}
	var transitions int32
	if lease != nil {
		changed = lease.DeepCopy()
		if before := changed.Spec.LeaseTransitions; before != nil {
			transitions = *before
		}
		if holderOf(lease) != identity {
			transitions = min(transitions, math.MaxInt32-1) + 1
		}
	}
	seconds, stamp := int32(o.LeaseDuration/time.Second), metav1.NewMicroTime(now) //nolint:gosec // Validate bounds it
	changed.Spec = coordinationv1.LeaseSpec{
		HolderIdentity: &identity, LeaseDurationSeconds: &seconds, LeaseTransitions: &transitions,
		AcquireTime: &stamp, RenewTime: &stamp,
	}
	return changed
}

// renewed returns the lease with its time put forward.
func (o Options) renewed(lease *coordinationv1.Lease, now time.Time) *coordinationv1.Lease {
	changed := lease.DeepCopy()
	seconds, stamp := int32(o.LeaseDuration/time.Second), metav1.NewMicroTime(now) //nolint:gosec // Validate bounds it
	changed.Spec.LeaseDurationSeconds, changed.Spec.RenewTime = &seconds, &stamp
	return changed
}

// released returns the lease with no holder.
func released(lease *coordinationv1.Lease, now time.Time) *coordinationv1.Lease {
	changed := lease.DeepCopy()
	nobody, seconds, stamp := "", int32(releasedSeconds), metav1.NewMicroTime(now)
	changed.Spec.HolderIdentity, changed.Spec.LeaseDurationSeconds = &nobody, &seconds
	changed.Spec.AcquireTime, changed.Spec.RenewTime = &stamp, &stamp
	return changed
}
