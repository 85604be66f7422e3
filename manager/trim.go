package manager

import (
	"context"
	"time"
)

// trimAfter is how long after the last cache was filled memory is trimmed. A term that begins with full caches has its first work then.
const trimAfter = 5 * time.Second

// trim gives back, by calling free, what filling the caches took and nothing holds any more, once all controllers are ready or known to lack
// a permission. Pods are decoded whole, and cached without what no controller reads: in a large cluster that leaves more garbage than there
// are caches. The Go runtime would keep its memory at hand for as long as the process doesn't need it.
func (m *Manager) trim(ctx context.Context, free func()) {
	if awaitSettled(ctx, m.hosted) && sleep(ctx, trimAfter) {
		free()
		m.config.Log.Info("memory that filling the caches took has been given back")
	}
}
