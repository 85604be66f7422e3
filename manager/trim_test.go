package manager

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
)

func TestMemoryIsTrimmedOnceWhenAllAreReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, last := &hosted{settled: make(chan struct{})}, &hosted{settled: make(chan struct{})}
		m, trimmed := &Manager{config: Config{Log: zap.NewNop()}, hosted: []*hosted{first, last}}, 0
		go m.trim(t.Context(), func() { trimmed++ })
		var got []int
		for _, happens := range []func(){func() { close(first.settled) }, func() { close(last.settled) }, func() {}} {
			happens()
			time.Sleep(time.Minute)
			synctest.Wait()
			got = append(got, trimmed)
		}
		if diff := cmp.Diff([]int{0, 1, 1}, got); diff != "" {
			t.Errorf("how often memory was trimmed when one, both were ready or lacked a permission, and later (-want +got)\n%s", diff)
		}
	})
}

func TestMemoryIsNotTrimmedAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		waits, ready := &hosted{settled: make(chan struct{})}, &hosted{settled: make(chan struct{})}
		close(ready.settled)
		trimmed := false
		for _, h := range []*hosted{waits, ready} {
			go (&Manager{hosted: []*hosted{h}}).trim(ctx, func() { trimmed = true })
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if trimmed {
			t.Error("memory was trimmed though the process is about to end")
		}
	})
}
