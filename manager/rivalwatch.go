package manager

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// watch returns true when somebody else has come, and false when ctx ends. It begins with a look at the API server, since the cache by
// which a term has begun may be behind. A canary that proves nothing any more, as when somebody has deleted it, is put right in time.
func (r *rivals) watch(ctx context.Context) bool {
	if r.isThere(ctx) {
		return true
	}
	next := time.Now().Add(spread(checkInterval))
	for sleep(ctx, glanceInterval) {
		if r.isObserved() {
			r.identify(ctx)
			return true
		}
		if time.Now().Before(next) || r.proven() {
			continue
		}
		next = time.Now().Add(spread(checkInterval))
		if r.askAgain(ctx); r.known != "" {
			return true
		}
	}
	return false
}

// isThere reports whether the API server knows that the canary was observed.
func (r *rivals) isThere(ctx context.Context) bool {
	s, err := r.canary.Read(ctx)
	if err != nil || s.Generation < r.newest || !s.IsObserved() {
		return false
	}
	r.recognize(s)
	return true
}

// askAgain asks beside the work, which goes on as long as nobody else is known.
func (r *rivals) askAgain(ctx context.Context) {
	if err := r.ask(ctx); err != nil && ctx.Err() == nil {
		r.log.Warn("it can't be found out whether somebody else has come: the next leader would not begin", zap.String("resource", r.resource), zap.Error(err))
	}
}
