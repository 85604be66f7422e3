package serving

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// parseWord understands all but "nonsense".
func parseWord(contents [][]byte) (string, error) {
	if word := string(contents[0]); word != "nonsense" {
		return word, nil
	}
	return "", errors.New("nonsense")
}

func TestReread(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.InfoLevel)
		write := func(word string) {
			if err := os.WriteFile(path, []byte(word), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("a")
		r, err := newReread(zap.New(core), parseWord, path)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go r.run(ctx)
		synctest.Wait() // its intervals begin now, and the steps end between them
		time.Sleep(rereadInterval / 2)
		steps := []struct {
			write string
			after time.Duration
			want  string
			logs  []string // of all steps so far
		}{
			{"b", 0, "a", nil}, // not yet
			{"b", rereadInterval, "b", []string{"info"}},
			{"b", rereadInterval, "b", []string{"info"}},
			{"nonsense", rereadInterval, "b", []string{"info"}}, // it may be half of a change
			{"c", rereadInterval, "c", []string{"info", "info"}},
			{"nonsense", rereadInterval, "c", []string{"info", "info"}},
			{"nonsense", rereadInterval, "c", []string{"info", "info", "warn"}},
			{"nonsense", time.Hour, "c", []string{"info", "info", "warn"}},
			{"d", rereadInterval, "d", []string{"info", "info", "warn", "info"}},
		}
		for i, step := range steps {
			write(step.write)
			time.Sleep(step.after)
			synctest.Wait()
			if got := r.get(); got != step.want {
				t.Errorf("step %d: %q, want %q", i, got, step.want)
			}
			var levels []string
			for _, entry := range logs.All() {
				levels = append(levels, entry.Level.String())
			}
			if diff := cmp.Diff(step.logs, levels); diff != "" {
				t.Errorf("step %d: log lines (-want +got)\n%s", i, diff)
			}
		}
	})
}

// A disk that doesn't answer keeps nobody waiting.
func TestRereadKeepsNobodyWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		stuck, first := make(chan struct{}), true
		r, err := newReread(zap.NewNop(), func(contents [][]byte) (string, error) {
			if !first {
				<-stuck
			}
			first = false
			return string(contents[0]), nil
		}, path)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go r.run(ctx)
		if err := os.WriteFile(path, []byte("b"), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if got := r.get(); got != "a" { // it would wait for ever, and the bubble would say so
			t.Errorf("%q, want what was read before", got)
		}
		close(stuck)
		synctest.Wait()
		if got := r.get(); got != "b" {
			t.Errorf("%q, want what the file holds", got)
		}
		cancel()
	})
}
