// Package denial says when something that the API server refused may be tried again, so that what is refused to thousands is
// asked for often enough to be noticed soon when it is allowed, and seldom enough to leave room for everybody else.
//
// Keys that are refused for the same reason in the same namespace form a group. While few keys are refused, each is tried by
// itself. When they are many, the groups share the tries that there are, and one success lets others of its group try: one,
// two, four and so on, until one of them is refused again.
package denial

import (
	"sync"
	"time"

	"k8s.io/client-go/tools/cache"
)

// Key names what is refused: the owner of the objects that can't be created.
type Key = cache.ObjectName

const (
	// minWait is how long a key waits after its first refusal, which may have been bad luck. It doubles with each that follows.
	minWait = 250 * time.Millisecond
	// turnWait is how long after its group's next turn a key asks for one again: thousands may ask, and only one gets it.
	turnWait = time.Second
	// maxWait is how long a key waits at most while the tries suffice: what is allowed again is noticed within it.
	maxWait = 20 * time.Second
)

// share is the share of the client's rate that tries have of what was refused before. At the default rate that is five a second: a
// hundred keys that are refused one by one are each tried every 20 s.
const share = 0.25

// Tries returns how many tries a second a client allows that may make so many requests a second. Without a limit, for which 0
// stands, they are as many as at the default rate.
func Tries(limit float64) float64 {
	const unlimited = 5
	if limit == 0 {
		return unlimited
	}
	return limit * share
}

// Registry remembers what is refused. It is safe for concurrent use.
type Registry struct {
	perSecond float64 // tries that all refused keys together may make

	mu     sync.Mutex
	keys   map[Key]*refused
	groups map[group]*members
}

type group struct{ namespace, class string }

type refused struct {
	group group
	times int
	due   time.Time
}

type members struct {
	keys   map[Key]struct{}
	next   time.Time // when the group may try again if tries are scarce
	window int       // how many more may try after the next success
}

// New returns a Registry that allows so many tries a second.
func New(perSecond float64) *Registry {
	return &Registry{perSecond: perSecond, keys: map[Key]*refused{}, groups: map[group]*members{}}
}

// Refused records that the key was refused for a reason of this class.
func (r *Registry) Refused(key Key, class string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.keys[key]
	if one == nil {
		one = &refused{}
		r.keys[key] = one
	}
	r.joinLocked(key, one, group{key.Namespace, class})
	one.due = now.Add(backoff(one.times))
	one.times++
	r.groups[one.group].window = 1
}

func (r *Registry) joinLocked(key Key, one *refused, g group) {
	if one.group != g {
		r.leaveLocked(key, one)
	}
	one.group = g
	if r.groups[g] == nil {
		r.groups[g] = &members{keys: map[Key]struct{}{}}
	}
	r.groups[g].keys[key] = struct{}{}
}

func (r *Registry) leaveLocked(key Key, one *refused) {
	if m := r.groups[one.group]; m != nil {
		delete(m.keys, key)
		if len(m.keys) == 0 {
			delete(r.groups, one.group)
		}
	}
}

// MayTry returns the time before which the key should not try. A time that is not after now is the permission to try once.
func (r *Registry) MayTry(key Key, now time.Time) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.keys[key]
	if one == nil || one.due.After(now) {
		return r.dueLocked(one)
	}
	m := r.groups[one.group]
	if m.next.After(now) {
		one.due = now.Add(min(maxWait, m.next.Sub(now)+turnWait))
		return one.due
	}
	m.next = now.Add(r.intervalLocked(m))
	return now
}

func (r *Registry) dueLocked(one *refused) time.Time {
	if one == nil {
		return time.Time{}
	}
	return one.due
}

// intervalLocked returns how far apart the tries of a group must be for all groups to get theirs.
func (r *Registry) intervalLocked(m *members) time.Duration {
	if float64(len(r.keys)) <= r.perSecond*maxWait.Seconds() {
		return 0
	}
	fair := time.Duration(float64(len(r.groups)) / r.perSecond * float64(time.Second))
	return max(maxWait/time.Duration(len(m.keys)), fair)
}

// Due returns the time before which the key should not try, without asking for permission.
func (r *Registry) Due(key Key) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dueLocked(r.keys[key])
}

// Allowed records that the key succeeded, and returns others of its group that may try now.
func (r *Registry) Allowed(key Key, now time.Time) []Key {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.keys[key]
	if one == nil {
		return nil
	}
	m := r.groups[one.group]
	r.forgetLocked(key)
	m.window *= 2
	m.next = now
	var wake []Key
	for other := range m.keys {
		if len(wake) == m.window {
			break
		}
		r.keys[other].due = now
		wake = append(wake, other)
	}
	return wake
}

// Forget drops the key: it is gone, or what it asks for has changed.
func (r *Registry) Forget(key Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetLocked(key)
}

func (r *Registry) forgetLocked(key Key) {
	if one := r.keys[key]; one != nil {
		r.leaveLocked(key, one)
		delete(r.keys, key)
	}
}

func backoff(times int) time.Duration {
	const enough = 10 // doublings to exceed maxWait, and few enough not to overflow
	return min(minWait<<min(times, enough), maxWait)
}
