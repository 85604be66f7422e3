package worker

import "context"

type workKey struct{}

// WithDrain returns a context for Run that ends when drain is called or work ends. Its end means "begin nothing more", while
// what was begun under it may go on until work ends. A host that wants running reconciles to finish calls drain, waits for
// Run to return, and only then, or when it has waited enough, ends work.
func WithDrain(work context.Context) (run context.Context, drain context.CancelFunc) {
	return context.WithCancel(context.WithValue(work, workKey{}, work))
}

// Work returns the context under which what was begun under run may go on after run has ended. It is run itself where run
// does not come from WithDrain.
func Work(run context.Context) context.Context {
	if work, ok := run.Value(workKey{}).(context.Context); ok {
		return work
	}
	return run
}
