package leaderelection

import "context"

// Always is for a process without rivals: its one term begins at once and is never lost.
type Always struct{}

// Run calls lead once, unless ctx has ended. The term's context never ends; lead must return soon after ctx has ended.
func (Always) Run(ctx context.Context, lead func(drain, term context.Context)) error {
	if ctx.Err() == nil {
		lead(ctx, context.WithoutCancel(ctx))
	}
	return nil
}
