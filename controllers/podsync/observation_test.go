package podsync

import (
	"testing"
	"unsafe"
)

// One observation is kept for every pod of the cluster, beside the pod in the cache, which takes kilobytes.
func TestObservationIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(observation{}); size > 96 {
		t.Errorf("an observation takes %d bytes, want at most 96: with its UID and key it should stay below 200", size)
	}
}
