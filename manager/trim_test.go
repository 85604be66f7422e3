package manager

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMemoryIsTrimmedOnceWhenAllAreReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, last := &hosted{ready: make(chan struct{})}, &hosted{ready: make(chan struct{})}
		m, trimmed := &Manager{hosted: []*hosted{first, last}}, 0
		go m.trim(t.Context(), func() { trimmed++ })
		var got []int
		for _, happens := range []func(){func() { close(first.ready) }, func() { close(last.ready) }, func() {}} {
			happens()
			time.Sleep(time.Minute)
			synctest.Wait()
			got = append(got, trimmed)
		}
		if diff := cmp.Diff([]int{0, 1, 1}, got); diff != "" {
			t.Errorf("how often memory was trimmed when one, both were ready, and later (-want +got)\n%s", diff)
		}
	})
}

func TestMemoryIsNotTrimmedAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		waits, ready := &hosted{ready: make(chan struct{})}, &hosted{ready: make(chan struct{})}
		close(ready.ready)
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
