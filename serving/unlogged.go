package serving

import (
	"context"

	"github.com/go-logr/logr"
)

// unlogged returns a context in which client-go logs nothing of a request, however much is logged: from verbosity 8 on it logs bodies,
// which hold the tokens of those who ask us, and who may do what. It logs to the logger of a request's context
// (https://kubernetes.io/blog/2022/05/25/contextual-logging/); one without a sink drops all.
func unlogged(ctx context.Context) context.Context {
	return logr.NewContext(ctx, logr.Discard())
}
