// Package outset is what controllers do alike when a term begins.
package outset

import (
	"context"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// timeout bounds the wait for what a term begins with asking: work can go on without an answer.
	timeout = 5 * time.Second
	// headStart is how long the work waits for the answer. The API server takes longer when it caches much; then the first keys are
	// read.
	headStart = 5 * time.Millisecond
)

// Ask asks what is asked when a term begins, and returns when that is answered, or soon after with the question still open. It calls
// failed with the error, unless the term has ended. The function that it returns waits until the question is no longer open.
func Ask(ctx context.Context, question func(context.Context) error, failed func(error)) (wait func()) {
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		bounded, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		if err := question(bounded); err != nil && ctx.Err() == nil {
			failed(err)
		}
	}()
	head := time.NewTimer(headStart)
	defer head.Stop()
	select {
	case <-asked:
	case <-head.C:
	}
	return func() { <-asked }
}

// OldestFirst sorts what waits when a term begins. Nobody may have worked for a while, and what follows from each that is done would
// otherwise go ahead of those not begun.
func OldestFirst[T metav1.Object](waiting []T) {
	slices.SortFunc(waiting, func(a, b T) int { return a.GetCreationTimestamp().Compare(b.GetCreationTimestamp().Time) })
}
