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
	h.rivals = &rivals{canary: canary.Open(env), name: env.Canary, resource: canary.Resource.String(), log: h.log}
	h.questions = append(h.questions, expandIn(env.Canary.Namespace, canary.Rules(env.Canary.Name))...)
}

// awaitAlone waits until nobody else does the controller's work. It returns false if ctx ends before.
func (h *hosted) awaitAlone(ctx context.Context) (alone bool) {
	if h.rivals == nil {
		return ctx.Err() == nil
	}
	for {
		err := h.surviving(func() error {
			alone = h.rivals.await(ctx, h.status.enter)
			return nil
		})
		if err == nil {
			return alone
		}
		h.status.enter(Backoff, err.Error())
		if !sleep(ctx, askRetryInterval) {
			return false
		}
	}
}

// serveAlone runs the controller until ctx ends, or somebody else has come. Then running reconciles may finish.
func (h *hosted) serveAlone(ctx context.Context) {
	if h.rivals == nil {
		h.keepRunning(ctx)
		return
	}
	alone, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		h.watchForRivals(alone)
		stop()
	})
	h.keepRunning(alone)
	stop()
	watch.Wait()
	if h.rivals.known != "" && ctx.Err() == nil {
		h.status.enter(Blocked, h.rivals.known)
		sleep(ctx, rand.N(askInterval)) // two that have noticed each other would else go on at the same time
	}
}

// watchForRivals returns when somebody else has come, or ctx ends. A canary that panics is one controller's trouble.
func (h *hosted) watchForRivals(ctx context.Context) {
	for came := false; !came && ctx.Err() == nil; {
		err := h.surviving(func() error {
			came = h.rivals.watch(ctx)
			return nil
		})
		if came {
			h.status.enter(Blocked, h.rivals.known+"; running reconciles finish")
		}
		if err != nil {
			sleep(ctx, askRetryInterval)
		}
	}
}
