package outset_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/outset"
)

// ask asks a question that is answered with the error after a time, and returns how long Ask took, the wait after it, and what failed.
func ask(ctx context.Context, after time.Duration, answer error) (asked, waited time.Duration, failure error) {
	begin := time.Now()
	wait := outset.Ask(ctx, func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(after):
			return answer
		}
	}, func(err error) { failure = err })
	asked = time.Since(begin)
	wait()
	return asked, time.Since(begin), failure
}

func TestAsk(t *testing.T) {
	errAway := errors.New("away")
	tests := []struct {
		name          string
		after         time.Duration
		answer        error
		asked, waited time.Duration
		failure       error
	}{
		{"answered at once", 0, nil, 0, 0, nil},
		{"answered later", time.Second, nil, 5 * time.Millisecond, time.Second, nil},
		{"failed", time.Millisecond, errAway, time.Millisecond, time.Millisecond, errAway},
		{"never answered", time.Hour, nil, 5 * time.Millisecond, 5 * time.Second, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked, waited, failure := ask(t.Context(), tt.after, tt.answer)
				if asked != tt.asked || waited != tt.waited || !errors.Is(failure, tt.failure) {
					t.Errorf("returned after %v, over after %v, failed with %v; want %v, %v, %v", asked, waited, failure, tt.asked, tt.waited, tt.failure)
				}
			})
		})
	}
}

func TestAskSaysNothingAfterTheTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		if _, waited, failure := ask(term, time.Hour, nil); waited != time.Second || failure != nil {
			t.Errorf("over after %v with %v, want 1s, nil", waited, failure)
		}
	})
}

func TestOldestFirst(t *testing.T) {
	var pods []*corev1.Pod
	for name, second := range map[string]int64{"a": 3, "b": 1, "c": 2} {
		pods = append(pods, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.Unix(second, 0)}})
	}
	outset.OldestFirst(pods)
	if diff := cmp.Diff([]string{"b", "c", "a"}, []string{pods[0].Name, pods[1].Name, pods[2].Name}); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
