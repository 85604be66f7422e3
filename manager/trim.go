package manager

import (
	"context"
	"time"
)

// trimAfter is how long after the caches have been filled their memory is trimmed: when the first work, which should not wait, is done.
const trimAfter = 5 * time.Second

// trim gives back, by calling free, what filling the caches took and nothing holds any more, once all controllers are ready. Pods are
// decoded whole, and cached without what no controller reads: in a large cluster that leaves more garbage than there are caches. The Go
// runtime would keep its memory at hand for as long as the process doesn't need it.
func (m *Manager) trim(ctx context.Context, free func()) {
	for _, h := range m.hosted {
		select {
		case <-h.ready:
		case <-ctx.Done():
			return
		}
	}
	if sleep(ctx, trimAfter) {
		free()
	}
}
