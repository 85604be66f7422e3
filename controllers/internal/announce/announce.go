// Package announce sends events about objects at a bounded rate, warnings first. What exceeds it is put together: of the events for the
// same object and reason only the last is sent, and says how many it stands for.
package announce

import (
	"container/list"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/record"
)

const (
	// perSecond and burst keep a controller below ten events in any second: events are writes, thousands of objects that fail for
	// one reason have one thing to say, and what goes well is seen in the objects.
	perSecond = 4
	burst     = 5
	// maxWaiting bounds the warnings that wait, and the other events. What comes when so many wait already is not sent.
	maxWaiting = 1000
)

// Announcer sends events. It is safe for concurrent use.
type Announcer struct {
	recorder record.EventRecorder

	mu      sync.Mutex
	tokens  float64               // guarded by mu; as of last
	last    time.Time             // guarded by mu
	waiting map[key]*list.Element // guarded by mu
	// Guarded by mu: *event, in the order in which they came.
	warnings, others list.List
	timer            *time.Timer // guarded by mu; nil if nothing waits
}

type key struct {
	object types.UID
	reason string
}

type event struct {
	key
	about     runtime.Object
	eventType string
	message   string
	more      int
}

// New returns an Announcer that sends through the recorder.
func New(recorder record.EventRecorder) *Announcer {
	return &Announcer{recorder: recorder, tokens: burst, last: time.Now(), waiting: map[key]*list.Element{}}
}

// Say sends an event about the object, now or when its turn comes.
func (a *Announcer) Say(about runtime.Object, uid types.UID, eventType, reason, message string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := key{uid, reason}
	if waiting, ok := a.waiting[k]; ok {
		e := waiting.Value.(*event)
		e.about, e.eventType, e.message, e.more = about, eventType, message, e.more+1
		return
	}
	line := a.line(eventType)
	if line.Len() >= maxWaiting {
		return
	}
	a.waiting[k] = line.PushBack(&event{key: k, about: about, eventType: eventType, message: message})
	a.sendLocked()
}

// Stop drops what waits.
func (a *Announcer) Stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
	clear(a.waiting)
	a.warnings.Init()
	a.others.Init()
}

// sendLocked sends as many events as there are tokens, and sets a timer for the next one.
func (a *Announcer) sendLocked() {
	now := time.Now()
	a.tokens = min(burst, a.tokens+perSecond*now.Sub(a.last).Seconds())
	a.last = now
	for a.tokens >= 1 && len(a.waiting) > 0 {
		a.tokens--
		e := a.nextLocked()
		delete(a.waiting, e.key)
		a.recorder.Event(e.about, e.eventType, e.reason, e.text())
	}
	if len(a.waiting) > 0 && a.timer == nil {
		a.timer = time.AfterFunc(time.Duration((1-a.tokens)/perSecond*float64(time.Second))+1, a.wake)
	}
}

// line returns where events of that type wait.
func (a *Announcer) line(eventType string) *list.List {
	if eventType == corev1.EventTypeWarning {
		return &a.warnings
	}
	return &a.others
}

// nextLocked takes the event whose turn it is. There must be one.
func (a *Announcer) nextLocked() *event {
	line := &a.warnings
	if line.Len() == 0 {
		line = &a.others
	}
	return line.Remove(line.Front()).(*event)
}

func (a *Announcer) wake() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.timer == nil { // stopped
		return
	}
	a.timer = nil
	a.sendLocked()
}

func (e *event) text() string {
	if e.more == 0 {
		return e.message
	}
	return fmt.Sprintf("%s (and %d more events like it)", e.message, e.more)
}
