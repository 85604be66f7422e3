package worker

import (
	"fmt"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
)

// Event is the kind of event that put a key into the queue.
type Event string

// Events of informers come from Handler; an AddBecause may name them too.
const (
	Added    Event = "add"
	Updated  Event = "update"
	Deleted  Event = "delete"
	Listed   Event = "initial-list" // an object that the informer's first list held
	Resynced Event = "resync"       // an object that has not changed
	// Direct is an Add without further explanation.
	Direct Event = "direct"
	// Allowed is that something has succeeded for another key which was refused for both.
	Allowed Event = "allowed"
	// TermBegan is for the keys with which a term begins.
	TermBegan Event = "term"
	// Retried is the end of the wait after an error.
	Retried Event = "retry"
	// LookedAgain is the end of a RequeueAfter.
	LookedAgain Event = "look-again"
	// PutBack is for a key whose reconcile the end of a term cut short.
	PutBack Event = "cut-short"
)

// Cause is why a key was queued.
type Cause struct {
	Event Event `json:"event"`
	// Kind and Object say what the event happened to: "Pod", "default/web-1". They are empty where there is no such object.
	Kind   string `json:"kind,omitempty"`
	Object Ref    `json:"object,omitzero"`
	// Count is how many events of this kind happened to the object until a worker took the key.
	Count int `json:"count"`
}

// CauseOf returns the cause that an event of the object is.
func CauseOf(event Event, obj any) Cause {
	cause := Cause{Event: event, Kind: kindOf(obj), Count: 1}
	if object, err := meta.Accessor(obj); err == nil {
		cause.Object = Ref{Namespace: object.GetNamespace(), Name: object.GetName()}
	}
	return cause
}

// kindOf returns what the object says of itself, or, as objects out of caches mostly say nothing, the name of its type.
func kindOf(obj any) string {
	if object, ok := obj.(runtime.Object); ok {
		if kind := object.GetObjectKind().GroupVersionKind().Kind; kind != "" {
			return kind
		}
	}
	t := reflect.TypeOf(obj)
	if t == nil {
		return ""
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// String returns "update of Pod default/web-1 (3 times)".
func (c Cause) String() string {
	text := string(c.Event)
	if c.Object != (Ref{}) {
		text += fmt.Sprintf(" of %s %s", c.Kind, c.Object)
	}
	if c.Count > 1 {
		text += fmt.Sprintf(" (%d times)", c.Count)
	}
	return text
}

// maxCauses is how many causes of one queueing are kept: the first ones, which say what began it. A ReplicaSet whose thousand pods
// come up is queued for a few of them at a time.
const maxCauses = 4

// causes are why a key is queued, each once. Nothing is allocated for the first, which is mostly the only one.
type causes struct {
	first Cause // its Count is 0 if there is none
	more  *moreCauses
}

type moreCauses struct {
	causes  []Cause // at most maxCauses-1
	omitted int     // events for which there was no place
}

func (c *causes) add(cause Cause) {
	cause.Count = max(cause.Count, 1)
	switch {
	case c.first.Count == 0:
		c.first = cause
	case c.first.isLike(cause):
		c.first.Count += cause.Count
	default:
		if c.more == nil {
			c.more = &moreCauses{}
		}
		c.more.add(cause)
	}
}

func (m *moreCauses) add(cause Cause) {
	at := slices.IndexFunc(m.causes, cause.isLike)
	switch {
	case at >= 0:
		m.causes[at].Count += cause.Count
	case len(m.causes) < maxCauses-1:
		m.causes = append(m.causes, cause)
	default:
		m.omitted += cause.Count
	}
}

func (c Cause) isLike(other Cause) bool {
	return c.Event == other.Event && c.Object == other.Object && c.Kind == other.Kind
}

// list returns a copy of the causes.
func (c *causes) list() []Cause {
	switch {
	case c.first.Count == 0:
		return nil
	case c.more == nil:
		return []Cause{c.first}
	}
	return append([]Cause{c.first}, c.more.causes...)
}

func (c *causes) omitted() int {
	if c.more == nil {
		return 0
	}
	return c.more.omitted
}
