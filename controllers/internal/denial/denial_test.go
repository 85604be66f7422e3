package denial_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/denial"
)

func key(namespace string, n int) denial.Key {
	return denial.Key{Namespace: namespace, Name: fmt.Sprint(n)}
}

// world lets keys try whenever they may, a tenth of a second apart, and refuses those that denied says.
type world struct {
	registry *denial.Registry
	now      time.Time
	due      map[denial.Key]time.Time
	tries    int
	done     map[denial.Key]time.Time
}

func newWorld(keys ...denial.Key) *world {
	w := &world{registry: denial.New(5), now: time.Unix(1000, 0), due: map[denial.Key]time.Time{}, done: map[denial.Key]time.Time{}}
	for _, k := range keys {
		w.registry.Refused(k, "quota", w.now)
		w.due[k] = w.registry.MayTry(k, w.now)
	}
	return w
}

func (w *world) run(d time.Duration, denied func(denial.Key) bool) {
	for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(100 * time.Millisecond) {
		for k, due := range w.due {
			if due.After(w.now) {
				continue
			}
			if w.due[k] = w.registry.MayTry(k, w.now); w.due[k].After(w.now) {
				continue
			}
			w.try(k, denied(k))
		}
	}
}

func (w *world) try(k denial.Key, denied bool) {
	w.tries++
	if denied {
		w.registry.Refused(k, "quota", w.now)
		w.due[k] = w.registry.MayTry(k, w.now)
		return
	}
	w.done[k] = w.now
	delete(w.due, k)
	for _, other := range w.registry.Allowed(k, w.now) {
		w.due[other] = w.now
	}
}

func keys(namespace string, n int) (list []denial.Key) {
	for i := range n {
		list = append(list, key(namespace, i))
	}
	return list
}

func always(denial.Key) bool { return true }
func never(denial.Key) bool  { return false }

func TestFewAreEachTriedWithinTheLongestWait(t *testing.T) {
	w := newWorld(keys("a", 50)...)
	w.run(30*time.Minute, always)
	allowed := w.now
	w.run(21*time.Second, func(k denial.Key) bool { return k != key("a", 7) })
	if at, ok := w.done[key("a", 7)]; !ok {
		t.Errorf("the only one that is allowed wasn't tried within %s", w.now.Sub(allowed))
	} else if at.Sub(allowed) > 21*time.Second {
		t.Errorf("tried after %s", at.Sub(allowed))
	}
}

func TestManyShareTheTries(t *testing.T) {
	w := newWorld(slices.Concat(keys("a", 10_000), keys("b", 1))...)
	w.run(time.Minute, always)
	w.tries = 0
	w.run(time.Minute, always)
	if w.tries > 60*6 {
		t.Errorf("%d tries in a minute, want about 5 a second", w.tries)
	}
	w.run(30*time.Second, func(k denial.Key) bool { return k.Namespace == "a" })
	if _, ok := w.done[key("b", 0)]; !ok {
		t.Error("a namespace beside one with 10,000 refused keys wasn't tried within 30s of being allowed")
	}
}

func TestOneSuccessWakesTheGroup(t *testing.T) {
	w := newWorld(keys("a", 10_000)...)
	w.run(time.Minute, always)
	w.run(30*time.Second, never)
	if len(w.done) != 10_000 {
		t.Errorf("%d of 10000 succeeded within 30s of being allowed", len(w.done))
	}
}

func TestRefusalEndsTheWaking(t *testing.T) {
	w := newWorld(keys("a", 10_000)...)
	w.run(time.Minute, always)
	room := 3
	w.tries = 0
	w.run(20*time.Second, func(denial.Key) bool { room--; return room < 0 })
	if w.tries > 20*8 {
		t.Errorf("%d tries for 3 places in 20s, want few", w.tries)
	}
}

func TestForgottenKeysMayTry(t *testing.T) {
	now := time.Unix(1000, 0)
	r := denial.New(5)
	r.Refused(key("a", 1), "quota", now)
	before := r.MayTry(key("a", 1), now).After(now)
	r.Forget(key("a", 1))
	if diff := cmp.Diff([]bool{true, false}, []bool{before, r.MayTry(key("a", 1), now).After(now)}); diff != "" {
		t.Errorf("must wait before and after (-want +got):\n%s", diff)
	}
}
