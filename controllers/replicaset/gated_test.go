package replicaset

import (
	"context"
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
)

func TestCallsWaitForTheirTurn(t *testing.T) {
	rs, pod := newReplicaSet(1), newPod("own")
	for _, tc := range []struct {
		name string
		call func(context.Context, api) error
	}{
		{"read the ReplicaSet", func(ctx context.Context, a api) error { _, err := a.replicaSet(ctx, "default", "web"); return err }},
		{"write the status", func(ctx context.Context, a api) error { _, err := a.patchStatus(ctx, rs, &rs.Status); return err }},
		{"list pods", func(ctx context.Context, a api) error {
			_, err := a.pods(ctx, "default", labels.Everything())
			return err
		}},
		{"read a pod", func(ctx context.Context, a api) error { _, err := a.pod(ctx, "default", "own"); return err }},
		{"patch a pod", func(ctx context.Context, a api) error { _, err := a.patchPod(ctx, pod, []byte("{}")); return err }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			errClosed := errors.New("closed")
			var closed error
			turns := 0
			client := fake.NewClientset(rs, pod)
			g := gated{server{client}, func(_ context.Context, namespace string) error {
				if namespace == "default" {
					turns++
				}
				return closed
			}}
			if err := tc.call(t.Context(), g); err != nil || turns != 1 || len(client.Actions()) != 1 {
				t.Errorf("error %v, %d turns and %d requests, want none, one and one", err, turns, len(client.Actions()))
			}
			closed = errClosed
			if err := tc.call(t.Context(), g); !errors.Is(err, errClosed) || len(client.Actions()) != 1 {
				t.Errorf("error %v and %d requests while it isn't its turn, want %v and no other", err, len(client.Actions()), errClosed)
			}
		})
	}
}
