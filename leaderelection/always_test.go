package leaderelection_test

import (
	"context"
	"testing"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

func TestAlwaysLeadsOnceAndIsNeverLost(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	terms := 0
	err := leaderelection.Always{}.Run(ctx, func(drain, term context.Context) {
		terms++
		cancel()
		if drain.Err() == nil || term.Err() != nil {
			t.Errorf("the term ended with the process instead of with its drain: %v, %v", drain.Err(), term.Err())
		}
	})
	if err != nil || terms != 1 {
		t.Errorf("Run = %v after %d terms, want nil after 1", err, terms)
	}
}

func TestAlwaysDoesNotLeadWhenItIsOverBeforeItBegins(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := leaderelection.Always{}.Run(ctx, func(_, _ context.Context) { t.Error("a term has begun") })
	if err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}
