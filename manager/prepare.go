package manager

import (
	"context"
	"time"

	"go.uber.org/zap"
)

const (
	// reasonInterval is how often the reason is looked up why a cache isn't filled.
	reasonInterval = time.Second
	// followInterval is how often filled caches are looked at: whether they have moved on, and whether the API server refuses them now. Who
	// idles wakes for little else.
	followInterval = 5 * time.Second
	// reminderInterval is how often the log repeats what a controller still waits for.
	reminderInterval = 10 * time.Second
)

// prepare waits until the controller may do what its rules say, then starts its informers, waits until their caches are
// filled, declares the controller ready, and from then on watches over the caches. The state says at any time what is missing.
func (h *hosted) prepare(ctx context.Context) {
	stopReminding := h.remind(ctx)
	defer stopReminding()
	if !h.awaitPermissions(ctx) {
		return
	}
	h.informers.start(ctx)
	if !h.awaitCaches(ctx) {
		return
	}
	h.status.enter(Standby, "")
	close(h.ready)
	h.settle()
	for sleep(ctx, followInterval) {
		h.informers.follow()
		h.status.setStale(h.informers.refused())
	}
}

// settle says that the replica need not wait for this controller before it contends. Only prepare calls it.
func (h *hosted) settle() {
	select {
	case <-h.settled:
	default:
		close(h.settled)
	}
}

// awaitSettled returns true when all of the controllers are ready or known to need more than time, and false when ctx ends before.
func awaitSettled(ctx context.Context, all []*hosted) bool {
	for _, h := range all {
		select {
		case <-h.settled:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (h *hosted) awaitPermissions(ctx context.Context) bool {
	return h.permissions.await(ctx, h.questions, func(missing string) {
		h.status.enter(Waiting, missing)
		h.settle()
	})
}

func (h *hosted) awaitCaches(ctx context.Context) bool {
	for _, c := range h.informers.list() {
		for !c.isSynced() {
			h.status.enter(Waiting, h.informers.unsynced())
			select {
			case <-ctx.Done():
				return false
			case <-c.informer.HasSyncedChecker().Done():
			case <-time.After(reasonInterval):
			}
		}
	}
	return true
}

// remind warns at intervals of what the controller still lacks, until the returned function is called.
func (h *hosted) remind(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for sleep(ctx, reminderInterval) {
			h.remindOnce(h.status.get())
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

func (h *hosted) remindOnce(s Status) {
	switch {
	case s.State == Waiting:
		h.log.Warn("controller is still waiting", zap.String("reason", s.Reason), zap.Duration("for", time.Since(s.Since).Round(time.Second)))
	case s.Stale != "":
		h.log.Warn("controller still works on old caches", zap.String("stale", s.Stale))
	}
}
