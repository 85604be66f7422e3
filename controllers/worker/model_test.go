package worker

import (
	"slices"
	"time"
)

// model is what the queue should be, said with slices and without regard to speed.
type model struct {
	lanes   [priorities]modelLane
	turn    int
	waiting []modelWait
	held    map[Key]modelHeld
	fails   map[Key]int

	adds, retries int
}

type modelLane struct {
	keys  []Key    // first in, first out
	turns []string // the namespaces of keys, the next one first
}

type modelWait struct {
	key      Key
	priority Priority
	due      time.Time
}

type modelHeld struct {
	taken, added Priority
	again        bool
}

func newModel() *model {
	return &model{held: map[Key]modelHeld{}, fails: map[Key]int{}}
}

func (m *model) add(key Key, priority Priority) {
	if h, held := m.held[key]; held {
		if !h.again || priority < h.added {
			h.added = priority
		}
		if !h.again {
			m.adds++
		}
		h.again = true
		m.held[key] = h
		return
	}
	if at := m.readyLane(key); at >= 0 {
		if priority < Priority(at) {
			m.lanes[at].remove(key)
			m.lanes[priority].push(key)
		}
		return
	}
	m.waiting = slices.DeleteFunc(m.waiting, func(w modelWait) bool { return w.key == key })
	m.adds++
	m.lanes[priority].push(key)
}

// take returns the key that the queue should hand out at that time.
func (m *model) take(now time.Time) (Key, bool) {
	m.promote(now)
	if m.len() == 0 {
		return Key{}, false
	}
	m.turn++
	order := []Priority{Live, Background}
	if m.turn%backgroundEvery == 0 {
		order = []Priority{Background, Live}
	}
	for _, priority := range order {
		if key, ok := m.lanes[priority].next(); ok {
			m.held[key] = modelHeld{taken: priority}
			return key, true
		}
	}
	panic("unreachable: len says that a key is ready")
}

// release ends the holding of the key, which waits for after, unless it has been added again or after is 0.
func (m *model) release(key Key, now time.Time, after time.Duration, priority Priority) {
	h := m.held[key]
	delete(m.held, key)
	switch {
	case h.again:
		m.lanes[h.added].push(key)
	case after > 0:
		m.retries++
		m.waiting = append(m.waiting, modelWait{key, priority, now.Add(after)})
	}
}

func (m *model) putBack(key Key) {
	h := m.held[key]
	delete(m.held, key)
	priority := h.taken
	if h.again {
		priority = min(h.taken, h.added)
	} else {
		m.adds++
	}
	m.lanes[priority].push(key)
}

func (m *model) promote(now time.Time) {
	slices.SortFunc(m.waiting, func(a, b modelWait) int { return a.due.Compare(b.due) })
	for len(m.waiting) > 0 && !m.waiting[0].due.After(now) {
		m.adds++
		m.lanes[m.waiting[0].priority].push(m.waiting[0].key)
		m.waiting = m.waiting[1:]
	}
}

func (m *model) len() int {
	return len(m.lanes[Live].keys) + len(m.lanes[Background].keys)
}

// readyLane returns the lane that the key is ready in, or -1.
func (m *model) readyLane(key Key) int {
	return slices.IndexFunc(m.lanes[:], func(l modelLane) bool { return slices.Contains(l.keys, key) })
}

func (l *modelLane) push(key Key) {
	l.keys = append(l.keys, key)
	if !slices.Contains(l.turns, key.Namespace) {
		l.turns = append(l.turns, key.Namespace)
	}
}

func (l *modelLane) next() (Key, bool) {
	if len(l.keys) == 0 {
		return Key{}, false
	}
	namespace := l.turns[0]
	l.turns = append(l.turns[1:], namespace)
	key := l.keys[slices.IndexFunc(l.keys, in(namespace))]
	l.remove(key)
	return key, true
}

func (l *modelLane) remove(key Key) {
	l.keys = slices.DeleteFunc(l.keys, func(k Key) bool { return k == key })
	if !slices.ContainsFunc(l.keys, in(key.Namespace)) {
		l.turns = slices.DeleteFunc(l.turns, func(n string) bool { return n == key.Namespace })
	}
}

func in(namespace string) func(Key) bool {
	return func(k Key) bool { return k.Namespace == namespace }
}
