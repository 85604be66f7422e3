package manager

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// hosted is one controller in the hands of the manager.
type hosted struct {
	descriptor  controllers.Descriptor
	controller  controllers.Controller
	informers   *usedInformers
	permissions *permissions
	rivals      *rivals // nil if nobody asks for them
	questions   []authorizationv1.ResourceAttributes
	log         *zap.Logger

	status  *status
	ready   chan struct{} // closed when its permissions are granted and its caches are filled
	settled chan struct{} // closed when it is ready, or known to need more than time
	running atomic.Bool   // in Run, or about to be
	panics  atomic.Int64
}

func newHosted(d controllers.Descriptor, c controllers.Controller, used *usedInformers, p *permissions, log *zap.Logger) *hosted {
	h := &hosted{
		descriptor: d, controller: c, informers: used, permissions: p, log: log,
		ready: make(chan struct{}), settled: make(chan struct{}),
		questions: expand(d.Rules),
	}
	h.status = newStatus(d.Name, h.logState)
	return h
}

func (h *hosted) logState(s Status) {
	fields := []zap.Field{zap.String("state", string(s.State))}
	if s.Reason != "" {
		fields = append(fields, zap.String("reason", s.Reason))
	}
	switch {
	case s.Stale != "":
		h.log.Warn("controller works on old caches", append(fields, zap.String("stale", s.Stale))...)
	case s.State == Blocked:
		h.log.Warn("controller state", fields...)
	case s.State == Backoff:
		h.log.Error("controller failed", fields...)
	default:
		h.log.Info("controller state", fields...)
	}
}

// isRunning reports whether the controller has been started and has not ended.
func (h *hosted) isRunning() bool {
	return h.running.Load()
}

// How long to wait before a controller that failed is started again. It starts at minRestartDelay and doubles; a run of
// steadyTime makes it start anew.
const (
	minRestartDelay = time.Second
	maxRestartDelay = time.Minute
	steadyTime      = 5 * time.Minute
)

// serve runs the controller for one term, whenever nobody else does its work, until ctx ends.
func (h *hosted) serve(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-h.ready:
	}
	defer h.status.enter(Standby, "")
	if h.rivals != nil {
		h.rivals.forget()
	}
	for h.awaitAlone(ctx) {
		h.serveAlone(ctx)
	}
}

// keepRunning runs the controller, again and again if it fails, until ctx ends.
func (h *hosted) keepRunning(ctx context.Context) {
	for delay := minRestartDelay; ; delay = min(2*delay, maxRestartDelay) {
		h.status.enter(Running, "")
		started := time.Now()
		err := h.run(ctx)
		if ctx.Err() != nil {
			h.logEnd(err)
			return
		}
		if time.Since(started) > steadyTime {
			delay = minRestartDelay
		}
		h.status.enter(Backoff, err.Error())
		if !sleep(ctx, delay) {
			return
		}
	}
}

// run calls the controller's Run, for which to return before ctx ends is an error, and a panic another.
func (h *hosted) run(ctx context.Context) error {
	h.running.Store(true)
	defer h.running.Store(false)
	return h.surviving(func() error {
		if err := h.controller.Run(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		return errors.New("returned before the end of its term")
	})
}

// surviving calls code of the controller's, of which a panic is an error.
func (h *hosted) surviving(call func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			h.panics.Add(1)
			h.log.Error("controller panicked", zap.Any("panic", value), zap.ByteString("stack", debug.Stack()))
			err = fmt.Errorf("panic: %v", value)
		}
	}()
	return call()
}

// logEnd logs an error that came with the end of a term, when it says more than that the term ended.
func (h *hosted) logEnd(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		h.log.Warn("controller ended with an error", zap.Error(err))
	}
}
