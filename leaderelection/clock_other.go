//go:build !linux

package leaderelection

import "time"

// BootTime is the time of the wall clock: here, no other is known to run on while the machine sleeps. Setting it forward ends a
// term early; setting it back by more than the lease duration less the renew deadline could make two terms overlap.
func BootTime() time.Duration {
	return time.Duration(time.Now().UnixNano())
}
