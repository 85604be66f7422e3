package leaderelection

import (
	"time"

	"golang.org/x/sys/unix"
)

// BootTime is the time since the machine was started, including that in which it slept. The clock of Go's timers and of
// time.Since leaves that out.
func BootTime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		panic(err) // the kernel has had this clock since 2.6.39, and Go needs a later one
	}
	return time.Duration(now.Nano())
}
