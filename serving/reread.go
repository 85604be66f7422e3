package serving

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// rereadInterval is how often files are read again: how long an old certificate is shown.
const rereadInterval = time.Second

// reread is what files hold, read again all the time. Nothing watches over the files: a watch can be lost. Whoever needs what they hold
// never waits for the disk.
type reread[T any] struct {
	paths []string
	parse func(contents [][]byte) (T, error)
	log   *zap.Logger
	value atomic.Pointer[T] // the last that could be parsed

	// What follows is read's alone, which newReread calls first and run from then on.
	contents [][]byte // of which the value was parsed
	failures int      // in a row
}

// newReread reads the files. Run reads them again.
func newReread[T any](log *zap.Logger, parse func([][]byte) (T, error), paths ...string) (*reread[T], error) {
	r := &reread[T]{paths: paths, parse: parse, log: log}
	return r, r.read()
}

// get returns what the files hold, or what they held when it could last be understood.
func (r *reread[T]) get() T { return *r.value.Load() }

// run reads the files again until ctx ends. On nil it does nothing: there are no files.
func (r *reread[T]) run(ctx context.Context) {
	if r == nil {
		return
	}
	ticker := time.NewTicker(rereadInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.tell(r.read())
		}
	}
}

// tell logs an error that has come twice: between the writing of one file and of the next, they don't fit together.
func (r *reread[T]) tell(err error) {
	if err == nil {
		r.failures = 0
		return
	}
	if r.failures++; r.failures == 2 {
		r.log.Warn("can't read files again: what they held before is used", zap.Error(err))
	}
}

func (r *reread[T]) read() error {
	var contents [][]byte
	for _, path := range r.paths {
		content, err := os.ReadFile(path) //nolint:gosec // whoever starts the process names it
		if err != nil {
			return err
		}
		contents = append(contents, content)
	}
	if slices.EqualFunc(contents, r.contents, bytes.Equal) {
		return nil
	}
	value, err := r.parse(contents)
	if err != nil {
		return fmt.Errorf("read %v: %w", r.paths, err)
	}
	if r.contents != nil {
		r.log.Info("files have been read again", zap.Strings("files", r.paths))
	}
	r.contents = contents
	r.value.Store(&value)
	return nil
}
