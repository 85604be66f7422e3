package integration

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// follow calls note for each change after the version, one at a time, until the test ends.
func follow(t *testing.T, version string, open func(context.Context, metav1.ListOptions) (watch.Interface, error), note func(watch.Event)) {
	t.Helper()
	// The API server ends watches that it can't feed fast enough; this one goes on where the last one ended.
	ctx := context.WithoutCancel(t.Context()) // until it is stopped
	events, err := watchtools.NewRetryWatcherWithContext(ctx, version, &cache.ListWatch{WatchFuncWithContext: open})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for event := range events.ResultChan() {
			note(event)
		}
	}()
	t.Cleanup(func() {
		events.Stop()
		<-ended
	})
}
