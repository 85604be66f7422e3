package manager

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// rivals finds out whether somebody else does a controller's work, by a canary. It belongs to whoever has the controller in hand.
//
// A canary of which nobody observes a new generation for askTime is labelled with that generation. As long as it stays as it is, there
// is nobody else: a rival that comes begins with looking at everything, and observes the canary. So one look into the cache
// tells the next leader that it may begin at once, and the one that works that it has to stop. No clock of another machine matters.
type rivals struct {
	canary   controllers.CanaryObject
	name     cache.ObjectName
	resource string
	// newest is the generation that was last seen of an answer. A cache that shows an older one is behind.
	newest int64
}

const (
	// askTime is how long somebody else has to observe a new generation. A rival that idles takes some milliseconds. One that is
	// behind by more, or is just being started, is noticed when it comes to it.
	askTime = 5 * time.Second
	// glanceInterval is how often to look into the cache, which costs nothing.
	glanceInterval = time.Second
	// askInterval is how often to ask again while a rival is there. Each time costs a write of ours and one of theirs.
	askInterval = time.Minute
	// askRetryInterval is how long to wait after the question could not be asked.
	askRetryInterval = 5 * time.Second
	// askSpread is the part of askInterval by which it varies, so that two who ask don't always do so at the same time: neither
	// would observe the other's canary.
	askSpread = 0.15
)

// unobserved labels a canary with the generation that nobody has observed.
const unobserved = "wheelhouse.dev/unobserved"

var errChanged = errors.New("somebody has changed the canary meanwhile")

// proven reports whether the cache shows that nobody else is there.
func (r *rivals) proven() bool {
	s, ok := r.canary.Cached()
	return ok && s.Generation >= r.newest && !s.IsObserved() && s.Labels[unobserved] == generation(s)
}

func generation(s controllers.Sighting) string { return strconv.FormatInt(s.Generation, 10) }

// await waits until nobody else is there, and says meanwhile what is known. It returns false if ctx ends before.
func (r *rivals) await(ctx context.Context, say func(reason string)) bool {
	r.newest = 0 // is of an earlier term: another leader may have made the canary anew
	if r.proven() {
		return ctx.Err() == nil
	}
	say("asking whether somebody else drives " + r.resource)
	for pause := time.Duration(0); sleep(ctx, pause); {
		rival, err := r.ask(ctx)
		switch {
		case ctx.Err() != nil:
			return false
		case err != nil:
			say(fmt.Sprintf("it can't be found out whether somebody else drives %s: %v", r.resource, err))
			pause = askRetryInterval
		case rival == "":
			return true
		default:
			say(rival)
			pause = askPause()
		}
	}
	return false
}

// askPause is how long to wait after a rival was found.
func askPause() time.Duration {
	return time.Duration(float64(askInterval) * (1 + askSpread*(2*rand.Float64()-1)))
}

// ask returns who else is there, or "".
func (r *rivals) ask(ctx context.Context) (rival string, err error) {
	asked, err := r.unobserved(ctx)
	if err != nil {
		return "", err
	}
	r.newest = asked.Generation
	for end := time.Now().Add(askTime); time.Now().Before(end); {
		if !sleep(ctx, glanceInterval) {
			return "", ctx.Err()
		}
		if r.isObserved() {
			return r.describe(ctx), nil
		}
	}
	// The answer tells what the cache may not show yet.
	answer, err := r.canary.Label(ctx, unobserved, generation(asked))
	switch {
	case err != nil:
		return "", err
	case answer.IsObserved():
		return r.describe(ctx), nil
	case answer.Generation != asked.Generation:
		return "", errChanged
	}
	return "", nil
}

// unobserved returns the canary with a generation that nobody has observed: as an earlier leader left it, or a new one.
func (r *rivals) unobserved(ctx context.Context) (controllers.Sighting, error) {
	switch s, ok := r.canary.Cached(); {
	case !ok:
		return r.canary.Create(ctx)
	case !s.IsObserved():
		return s, nil
	}
	return r.canary.Renew(ctx)
}

// isObserved reports whether the cache shows that somebody has observed what was asked last.
func (r *rivals) isObserved() bool {
	s, ok := r.canary.Cached()
	return ok && s.Generation >= r.newest && s.IsObserved()
}

// describe says who else is there, by name if the API server tells.
func (r *rivals) describe(ctx context.Context) string {
	who := "somebody else"
	if s, err := r.canary.Read(ctx); err == nil && s.Observer != "" {
		who = strconv.Quote(s.Observer)
	}
	return fmt.Sprintf("%s drives %s as well, and has observed the canary %s", who, r.resource, r.name)
}

// watch returns true when somebody else has come, and false when ctx ends. A canary that proves nothing any more, as when somebody has
// deleted it, is put right in time.
func (r *rivals) watch(ctx context.Context) bool {
	next := time.Now().Add(askPause())
	for sleep(ctx, glanceInterval) {
		if r.isObserved() {
			return true
		}
		if time.Now().Before(next) || r.proven() {
			continue
		}
		next = time.Now().Add(askPause())
		if rival, err := r.ask(ctx); err == nil && rival != "" {
			return true
		}
	}
	return false
}
