package manager

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// abandonTime is how long controllers may take to return when their work has been cancelled. What needs longer ignores its
// context, and would hold up the end of the process for ever.
const abandonTime = 5 * time.Second

// serve runs all controllers for one term. It returns when they have ended: after a drain when shutdown ends, at once when
// term ends. The error names those that would not end.
func (m *Manager) serve(shutdown, term context.Context) error {
	work, abandon := context.WithCancel(term)
	defer abandon()
	run, drain := worker.WithDrain(work)
	defer drain()
	defer context.AfterFunc(shutdown, drain)()
	ended := m.start(run)
	select {
	case <-ended:
		return nil
	case <-run.Done():
	}
	if work.Err() == nil {
		m.config.Log.Info("told to end: running reconciles may finish", zap.Duration("within", m.config.ShutdownTimeout))
	}
	if await(work, ended, m.config.ShutdownTimeout) {
		return nil
	}
	if work.Err() == nil {
		m.config.Log.Warn("running reconciles are cancelled: they did not finish in time", zap.Duration("timeout", m.config.ShutdownTimeout))
	}
	abandon()
	return m.insist(shutdown, ended)
}

// insist waits for controllers whose work has been cancelled, and gives up on them only when the process ends: until they
// have ended, another term would overlap this one.
func (m *Manager) insist(shutdown context.Context, ended <-chan struct{}) error {
	for !await(context.Background(), ended, abandonTime) {
		err := m.unended()
		if shutdown.Err() != nil {
			return err
		}
		m.config.Log.Error("the next term has to wait", zap.Error(err))
	}
	return nil
}

// await reports whether ended closes before timeout has passed and ctx has ended.
func await(ctx context.Context, ended <-chan struct{}, timeout time.Duration) bool {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-ctx.Done():
	case <-timer.C:
	}
	return false
}

// start starts the controllers in their order and returns a channel that closes when the last has ended.
func (m *Manager) start(run context.Context) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var running sync.WaitGroup
		defer running.Wait()
		for i, h := range m.hosted {
			if i > 0 && !sleep(run, m.config.StartInterval) {
				return
			}
			running.Go(func() { h.serve(run) })
		}
	}()
	return ended
}

func (m *Manager) unended() error {
	var names []string
	for _, h := range m.hosted {
		if h.isRunning() {
			names = append(names, h.descriptor.Name)
		}
	}
	return fmt.Errorf("controllers did not end within %v of being cancelled: %s", abandonTime, strings.Join(names, ", "))
}

// sleep waits, and reports whether ctx has not ended by then.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
