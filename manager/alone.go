package manager

import (
	"context"
	"math/rand/v2"
	"sync"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// askForRivals makes the controller work only while nobody else does its work. The env is the one that it was made with.
func (h *hosted) askForRivals(env controllers.Env) {
	canary := h.descriptor.Canary
	h.rivals = &rivals{canary: canary.Open(env), name: env.Canary, resource: canary.Resource.String()}
	needed := expand(canary.Rules(env.Canary.Name))
	for i := range needed {
		needed[i].Namespace = env.Canary.Namespace
	}
	h.questions = append(h.questions, needed...)
}

// awaitAlone waits until nobody else does the controller's work. It returns false if ctx ends before.
func (h *hosted) awaitAlone(ctx context.Context) bool {
	if h.rivals == nil {
		return ctx.Err() == nil
	}
	return h.rivals.await(ctx, h.block)
}

func (h *hosted) block(reason string) { h.status.enter(Blocked, reason) }

// serveAlone runs the controller until ctx ends, or somebody else has come. Then running reconciles may finish.
func (h *hosted) serveAlone(ctx context.Context) {
	if h.rivals == nil {
		h.keepRunning(ctx)
		return
	}
	alone, stop := context.WithCancel(ctx)
	var disturbed bool
	var watch sync.WaitGroup
	watch.Go(func() {
		disturbed = h.rivals.watch(alone)
		stop()
	})
	h.keepRunning(alone)
	stop()
	watch.Wait()
	if disturbed && ctx.Err() == nil {
		h.block(h.rivals.describe(ctx))
		sleep(ctx, rand.N(askInterval)) // two that have noticed each other would else go on at the same time
	}
}
