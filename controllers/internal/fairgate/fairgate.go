// Package fairgate lets requests pass at a rate just below that of the client's limiter, namespaces in turn.
//
// A limiter hands out its tokens first come, first served: hundreds of requests for one namespace that wait there keep all
// others back by many seconds. Behind the gate the limiter has no queue, and whoever comes next goes next.
package fairgate

import (
	"container/list"
	"context"
	"sync"
	"time"

	"k8s.io/client-go/kubernetes"
)

// Gate lets requests pass. Its zero value, and a nil one, let all of them pass at once.
type Gate struct {
	rate  float64 // requests per second; 0 means no bound
	burst float64

	mu      sync.Mutex
	tokens  float64                  // guarded by mu; as of last
	last    time.Time                // guarded by mu
	lanes   map[string]*list.Element // guarded by mu: by namespace
	turns   list.List                // guarded by mu: of *lane, the next one first, none empty
	pending bool                     // guarded by mu: a timer will open the gate
}

// lane holds those of one namespace who wait.
type lane struct {
	namespace string
	waiting   list.List // of chan struct{}
}

const (
	// share of the limiter's rate that the gate lets pass. The rest is left to requests that don't pass the gate.
	share = 0.9
	// burstSeconds is how much rate may be saved up.
	burstSeconds = 1
)

// New returns a Gate in front of a limiter that lets so many requests pass a second. 0 means that there is no limiter.
func New(limit float64) *Gate {
	if limit <= 0 {
		return &Gate{}
	}
	rate := limit * share
	burst := max(1, rate*burstSeconds)
	return &Gate{rate: rate, burst: burst, tokens: burst, last: time.Now(), lanes: map[string]*list.Element{}}
}

// Limit returns how many requests a second the client may make, or 0 if it isn't limited.
func Limit(client kubernetes.Interface) float64 {
	limiter := client.CoreV1().RESTClient().GetRateLimiter()
	if limiter == nil {
		return 0
	}
	return max(0, float64(limiter.QPS()))
}

// Wait returns nil when it is the turn of one request for the namespace, or the reason why ctx ended before that.
func (g *Gate) Wait(ctx context.Context, namespace string) error {
	if err := ctx.Err(); err != nil || g == nil || g.rate == 0 {
		return err
	}
	turn := g.enter(namespace)
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	if !g.leave(namespace, turn) {
		return nil // its turn came at the same moment
	}
	return ctx.Err()
}

func (g *Gate) enter(namespace string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	turn := make(chan struct{})
	place, ok := g.lanes[namespace]
	if !ok {
		place = g.turns.PushBack(&lane{namespace: namespace})
		g.lanes[namespace] = place
	}
	place.Value.(*lane).waiting.PushBack(turn)
	g.openLocked()
	return turn
}

// leave takes a request out that waits no longer. It returns false if its turn has come.
func (g *Gate) leave(namespace string, turn chan struct{}) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	place, ok := g.lanes[namespace]
	if !ok {
		return false
	}
	for e := place.Value.(*lane).waiting.Front(); e != nil; e = e.Next() {
		if e.Value == turn {
			g.removeLocked(place, e)
			return true
		}
	}
	return false
}

func (g *Gate) removeLocked(place, waiter *list.Element) {
	l := place.Value.(*lane)
	l.waiting.Remove(waiter)
	if l.waiting.Len() == 0 {
		g.turns.Remove(place)
		delete(g.lanes, l.namespace)
	}
}

// openLocked lets as many pass as there are tokens, and sets a timer for the next one.
func (g *Gate) openLocked() {
	now := time.Now()
	g.tokens = min(g.burst, g.tokens+g.rate*now.Sub(g.last).Seconds())
	g.last = now
	for g.tokens >= 1 && g.turns.Len() > 0 {
		g.tokens--
		place := g.turns.Front()
		g.turns.MoveToBack(place)
		waiter := place.Value.(*lane).waiting.Front()
		g.removeLocked(place, waiter)
		close(waiter.Value.(chan struct{}))
	}
	if g.turns.Len() > 0 && !g.pending {
		g.pending = true
		time.AfterFunc(time.Duration((1-g.tokens)/g.rate*float64(time.Second))+1, g.open)
	}
}

func (g *Gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending = false
	g.openLocked()
}
