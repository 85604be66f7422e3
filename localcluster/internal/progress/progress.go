// Package progress tells on stderr what a start is doing, how long it has taken, and what it still waits for.
package progress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// pollInterval is short beside the seconds a start takes, and long enough not to load the API server.
	pollInterval = 100 * time.Millisecond
	// patience is how long a wait goes on, and a reason stays the same, before the reason is told again.
	patience = 5 * time.Second
)

// Reporter writes lines with the time since New.
type Reporter struct {
	start time.Time
	mu    sync.Mutex
	out   io.Writer // guarded by mu
}

// New returns a reporter that writes to out.
func New(out io.Writer) *Reporter { return &Reporter{start: time.Now(), out: out} }

// Printf writes one line.
func (r *Reporter) Printf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, "localcluster %6.1fs  %s\n", time.Since(r.start).Seconds(), fmt.Sprintf(format, args...))
}

// Wait calls check until it returns nil, and says what for and why when that takes long. When the context ends it returns
// the context's cause, or the reason when the time is over.
func (r *Reporter) Wait(ctx context.Context, what string, check func(context.Context) error) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	told := time.Now()
	var reason error
	for {
		err := check(ctx)
		if err == nil {
			r.Printf("%s: ready", what)
			return nil
		}
		if ctx.Err() != nil {
			return ended(ctx, what, reason)
		}
		reason = err
		if time.Since(told) >= patience {
			told = time.Now()
			r.Printf("still waiting for %s: %v", what, err)
		}
		select {
		case <-ctx.Done():
			return ended(ctx, what, reason)
		case <-ticker.C:
		}
	}
}

// ended is the error of a wait whose context ended.
func ended(ctx context.Context, what string, reason error) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return fmt.Errorf("%s didn't get ready in time: %w", what, reason)
}
