package serving

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
)

// rereadInterval is how often, at most, files are read again: it bounds what a flood of connections costs, and how long an old
// certificate is shown.
const rereadInterval = time.Second

// reread is what files hold, read again when somebody asks for it. Nothing watches over the files: a watch can be lost.
type reread[T any] struct {
	paths []string
	parse func(contents [][]byte) (T, error)
	log   *zap.Logger

	mu       sync.Mutex // guards what follows
	value    T          // the last that could be parsed
	contents [][]byte   // of which it was parsed
	at       time.Time  // when the files were last read
	failures int        // in a row
}

// newReread reads the files.
func newReread[T any](log *zap.Logger, parse func([][]byte) (T, error), paths ...string) (*reread[T], error) {
	r := &reread[T]{paths: paths, parse: parse, log: log, at: time.Now()}
	return r, r.read()
}

// get returns what the files hold, or what they held when it could last be understood.
func (r *reread[T]) get() T {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.at) >= rereadInterval {
		r.at = time.Now()
		r.tell(r.read())
	}
	return r.value
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
	r.value, r.contents = value, contents
	return nil
}
