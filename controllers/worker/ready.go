package worker

import "container/list"

// Priority says which keys go first.
type Priority int

const (
	// Live is for what has just happened.
	Live Priority = iota
	// Background is for the initial list, resyncs and retries.
	Background

	priorities = iota
)

// backgroundEvery is how many turns pass until one is Background's while both have keys: often enough that live events can't
// starve retries, seldom enough that they hardly notice.
const backgroundEvery = 8

// readyKeys hands out ready keys: by priority, then by namespaces in turn, then first in, first out. Its zero value is empty.
type readyKeys struct {
	lanes [priorities]lane
	turn  int
	size  int
}

// lane holds the ready keys of one priority.
type lane struct {
	turns      list.List // of *namespaceKeys, the next one first
	namespaces map[string]*list.Element
}

// namespaceKeys holds the ready keys of one namespace and priority, never none.
type namespaceKeys struct {
	name string
	keys list.List // of *item
}

func (r *readyKeys) len() int {
	return r.size
}

// has reports whether the item is ready.
func (r *readyKeys) has(it *item) bool {
	return it.place != nil
}

// push adds the item behind those of its namespace and priority. It must not be there yet.
func (r *readyKeys) push(it *item) {
	it.place = r.lanes[it.priority].push(it)
	r.size++
}

// raise moves the item to the end of a more urgent lane.
func (r *readyKeys) raise(it *item, priority Priority) {
	if priority >= it.priority {
		return
	}
	r.remove(it)
	it.priority = priority
	r.push(it)
}

// pop removes and returns the item whose turn it is, or nil.
func (r *readyKeys) pop() *item {
	if r.size == 0 {
		return nil
	}
	r.turn++
	first, second := &r.lanes[Live], &r.lanes[Background]
	if r.turn%backgroundEvery == 0 {
		first, second = second, first
	}
	if first.turns.Len() == 0 {
		first = second
	}
	it := first.next()
	r.remove(it)
	return it
}

// oldest returns the item that has been ready longest, or nil.
func (r *readyKeys) oldest() *item {
	var oldest *item
	for i := range r.lanes {
		for _, turn := range r.lanes[i].namespaces {
			keys := &turn.Value.(*namespaceKeys).keys
			for e := keys.Front(); e != nil; e = e.Next() {
				if it := e.Value.(*item); oldest == nil || it.since.Before(oldest.since) {
					oldest = it
				}
			}
		}
	}
	return oldest
}

func (r *readyKeys) remove(it *item) {
	r.lanes[it.priority].remove(it)
	it.place = nil
	r.size--
}

func (l *lane) push(it *item) *list.Element {
	turn, ok := l.namespaces[it.key.Namespace]
	if !ok {
		if l.namespaces == nil {
			l.namespaces = map[string]*list.Element{}
		}
		turn = l.turns.PushBack(&namespaceKeys{name: it.key.Namespace})
		l.namespaces[it.key.Namespace] = turn
	}
	return turn.Value.(*namespaceKeys).keys.PushBack(it)
}

// next returns the first key of the namespace whose turn it is, and sends that namespace to the end.
func (l *lane) next() *item {
	turn := l.turns.Front()
	l.turns.MoveToBack(turn)
	return turn.Value.(*namespaceKeys).keys.Front().Value.(*item)
}

func (l *lane) remove(it *item) {
	turn := l.namespaces[it.key.Namespace]
	namespace := turn.Value.(*namespaceKeys)
	namespace.keys.Remove(it.place)
	if namespace.keys.Len() == 0 {
		l.turns.Remove(turn)
		delete(l.namespaces, namespace.name)
	}
}
