// Package leaderelection decides which replica of a process works, by a Lease on the API server.
//
// An [Elector] contends for the lease until it is told to stop, and calls a function for each term that it wins. It releases
// the lease only after that function has returned, or the next holder could work beside it. Losing the lease ends the term,
// not the process: the elector contends again.
//
// Terms of two replicas don't overlap, as long as their clocks run at the same speed: a term ends before others may take the
// lease, even if the process was paused or the API server's answers are late. A request that was sent before the end may
// still reach the API server after it.
package leaderelection
