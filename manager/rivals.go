package manager

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"go.uber.org/zap"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// rivals finds out whether somebody else does a controller's work, by a canary. It belongs to whoever has the controller in hand.
//
// A canary of which nobody observes a new generation for long enough is labelled with that generation. As long as it stays as it is,
// there is nobody else: a rival that comes begins with looking at everything, and observes the canary. So one look into the cache
// tells the next leader that it may begin at once, and the one that works that it has to stop. No clock of another machine matters.
type rivals struct {
	canary   controllers.CanaryObject
	name     cache.ObjectName
	resource string
	log      *zap.Logger
	// newest is the generation that was last seen of an answer. A cache that shows an older one is behind.
	newest int64
	// known is what was last found out of somebody else who is there, "" if nothing.
	known string
}

const (
	// firstSilence is for how long nobody may have observed a canary that nobody has ever observed, to be alone. A rival that idles takes
	// some milliseconds.
	firstSilence = 10 * time.Second
	// laterSilence is the same for a canary that somebody has observed before. A rival that is busy comes to it late, by as long as its
	// own limit holds back the status behind other requests, and one whose replicas change places is away for some 17 s.
	laterSilence = 45 * time.Second
	// glanceInterval is how often to look into the cache, which costs nothing.
	glanceInterval = time.Second
	// askInterval is how often to ask again while a rival is there. Each time costs a write of ours and one of theirs. With laterSilence
	// it makes up how long after a rival has gone work begins.
	askInterval = 30 * time.Second
	// checkInterval is how often a controller that works sees to it that the canary still proves something.
	checkInterval = time.Minute
	// askRetryInterval is how long to wait after the question could not be asked.
	askRetryInterval = 5 * time.Second
	// askSpread is the part of an interval by which it varies, so that two who ask don't always do so at the same time: neither
	// would observe the other's canary.
	askSpread = 0.15
)

// unobservedLabel labels a canary with the generation that nobody has observed.
const unobservedLabel = "wheelhouse.dev/unobserved"

// proven reports whether the cache shows that nobody else is there.
func (r *rivals) proven() bool {
	s, ok := r.canary.Cached()
	if !ok || s.Generation < r.newest || s.IsObserved() || s.Labels[unobservedLabel] != generation(s) {
		return false
	}
	r.newest = s.Generation
	return true
}

func generation(s controllers.Sighting) string { return strconv.FormatInt(s.Generation, 10) }

// forget drops what was known in an earlier term: another leader may have made the canary anew.
func (r *rivals) forget() { r.newest, r.known = 0, "" }

// await waits until nobody else is there, and says meanwhile in which state that puts the controller, and why. It returns false if ctx
// ends before.
func (r *rivals) await(ctx context.Context, say func(state State, reason string)) bool {
	if r.proven() {
		r.known = ""
		return ctx.Err() == nil
	}
	say(Blocked, cmp.Or(r.known, "asking whether somebody else drives "+r.resource))
	for pause := time.Duration(0); sleep(ctx, pause); {
		err := r.ask(ctx)
		switch {
		case ctx.Err() != nil:
			return false
		case err != nil:
			say(Backoff, fmt.Sprintf("it can't be found out whether somebody else drives %s: %v", r.resource, err))
			pause = askRetryInterval
		case r.known == "":
			return true
		default:
			say(Blocked, r.known)
			pause = spread(askInterval)
		}
	}
	return false
}

// spread returns about the interval.
func spread(interval time.Duration) time.Duration {
	return time.Duration(float64(interval) * (1 + askSpread*(2*rand.Float64()-1)))
}

// ask finds out who else is there, which known then tells.
func (r *rivals) ask(ctx context.Context) error {
	asked, err := r.question(ctx)
	if err != nil {
		return err
	}
	r.newest = asked.Generation
	for end := time.Now().Add(silence(asked)); time.Now().Before(end); {
		if !sleep(ctx, glanceInterval) {
			return ctx.Err()
		}
		if r.isObserved() {
			r.identify(ctx)
			return nil
		}
	}
	// The answer tells what the cache may not show yet.
	answer, err := r.canary.Label(ctx, unobservedLabel, generation(asked))
	switch {
	case err != nil:
		return err
	case answer.IsObserved():
		r.recognize(answer)
		return nil
	case answer.Generation != asked.Generation:
		return fmt.Errorf("somebody has changed the canary %s meanwhile", r.name)
	}
	r.known = ""
	return nil
}

// silence returns for how long nobody may observe the canary.
func silence(asked controllers.Sighting) time.Duration {
	if asked.Observed > 0 {
		return laterSilence
	}
	return firstSilence
}

// question returns the canary with a generation that nobody has observed: as an earlier leader left it, or a new one.
func (r *rivals) question(ctx context.Context) (controllers.Sighting, error) {
	s, ok := r.canary.Cached()
	switch {
	case !ok:
		return r.canary.Create(ctx)
	case !s.IsObserved():
		return s, nil
	}
	renewed, err := r.canary.Renew(ctx)
	if err == nil && renewed.Generation <= s.Generation {
		err = fmt.Errorf("renew the canary %s: something puts its spec back", r.name)
	}
	return renewed, err
}

// isObserved reports whether the cache shows that somebody has observed what was asked last.
func (r *rivals) isObserved() bool {
	s, ok := r.canary.Cached()
	return ok && s.Generation >= r.newest && s.IsObserved()
}

// identify asks the API server who else is there, since caches don't keep it.
func (r *rivals) identify(ctx context.Context) {
	s, err := r.canary.Read(ctx)
	if err != nil {
		s.Observer = ""
	}
	r.recognize(s)
}

// recognize notes who else is there, by name if the API server tells.
func (r *rivals) recognize(s controllers.Sighting) {
	who := "somebody else"
	if s.Observer != "" {
		who = strconv.Quote(s.Observer)
	}
	r.known = fmt.Sprintf("%s drives %s as well, and has observed the canary %s", who, r.resource, r.name)
}
