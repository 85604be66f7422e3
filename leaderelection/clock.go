package leaderelection

import "time"

// Clock tells how much time has passed since some moment. It must run on while the process is paused or the machine sleeps:
// others, who don't sleep, may take the lease meanwhile.
type Clock func() time.Duration
