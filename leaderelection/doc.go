// Package leaderelection decides which replica of a process works, by a Lease on the API server.
//
// An [Elector] contends for the lease until it is told to stop, and calls a function for each term that it wins. It watches the
// lease, so that it knows within milliseconds that the lease has become free, or somebody else's. It releases the lease only
// after the function has returned, or the next holder could work beside it. Losing the lease ends the term, not the process:
// the elector contends again.
//
// Terms of two replicas don't overlap, as long as their clocks run at the same speed and nobody else writes the lease: a term ends
// before others may take the lease, even if the process was paused or the API server's answers are late. Whoever deletes the lease by
// hand, or gives it to another, tells the others that its holder is gone; the holder's term ends when it sees that, milliseconds later.
//
// What a term may write, [Elector.Guard] sees to: the clients that it guards send a write only under the context of a term, and
// only while the term goes on by the clock at that moment. A write that was sent before can't be called back. The API server is
// told with each write for how long it may take, so that it gives the write up by itself when others may hold the lease.
package leaderelection
