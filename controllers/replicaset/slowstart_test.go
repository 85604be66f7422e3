package replicaset

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func TestSlowStart(t *testing.T) {
	for _, tc := range []struct {
		name   string
		missed []int         // by how many pods batches are smaller than they may be, as the last of a turn is
		pause  time.Duration // after that
		want   []int         // batches until then, and the next one
	}{
		{"begins with one", nil, 0, []int{1}},
		{"doubles up to the limit", []int{0, 0, 0, 0, 0, 0}, 0, []int{1, 2, 4, 8, 16, 32, 32}},
		{"goes on in the next turn", []int{0, 0, 1}, 50 * time.Second, []int{1, 2, 3, 6}},
		{"does not shrink because little was missing", []int{0, 0, 0, 7}, 0, []int{1, 2, 4, 1, 8}},
		{"begins anew after a rest", []int{0, 0, 0}, 61 * time.Second, []int{1, 2, 4, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s slowStart
			var got []int
			for _, less := range tc.missed {
				size := s.next() - less
				got, s = append(got, size), s.after(size)
			}
			if diff := cmp.Diff(tc.want, append(got, s.resumed(tc.pause).next())); diff != "" {
				t.Errorf("batches (-want +got):\n%s", diff)
			}
		})
	}
}

// slowServer is an API server that takes a tenth of a second for all that is asked for at once, and has room for so many pods.
type slowServer struct {
	api
	room  int
	asked []int // how many pods at once
	sent  int
}

func (s *slowServer) createPod(_ context.Context, pod *corev1.Pod) (*corev1.Pod, error) {
	s.sent++
	if s.room == 0 {
		return nil, forbidden()
	}
	s.room--
	made := pod.DeepCopy()
	made.UID = types.UID(pod.Name)
	return made, nil
}

func (s *slowServer) spread(n int, do func(int)) {
	s.asked = append(s.asked, n)
	oneByOne(n, do)
	time.Sleep(100 * time.Millisecond)
}

// create has a new engine create so many pods, turn by turn, with a pause before each. It must be called in a synctest bubble.
func (s *slowServer) create(ctx context.Context, pause time.Duration, turns ...int64) {
	e := &Engine{
		api: s, term: newTerm(1, 5), now: time.Now, spread: s.spread,
		pass: func(ctx context.Context, _ string) error { return ctx.Err() },
		say:  func(*appsv1.ReplicaSet, string, string, string) {},
		wake: func(worker.Key) {},
	}
	m := &memory{}
	for _, n := range turns {
		time.Sleep(pause)
		e.create(ctx, newObservation(newReplicaSet(100)), n, m)
	}
}

func TestSlowStartOfTurns(t *testing.T) {
	for _, tc := range []struct {
		name  string
		room  int
		pause time.Duration // before each turn
		turns []int64
		want  []int // at once
		sent  int   // in all
	}{
		{"goes on in the next turn", 100, 50 * time.Second, []int64{40, 33}, []int{1, 2, 4, 8, 16, 9}, 40},
		{"begins anew after a rest", 100, 61 * time.Second, []int64{40, 33}, []int{1, 2, 4, 1, 2, 4}, 14},
		{"begins anew when nothing is missing any more", 100, 0, []int64{3, 2}, []int{1, 2, 1, 1}, 5},
		{"begins anew after a refusal, and sends no more after one", 3, 0, []int64{100, 97}, []int{1, 2, 4, 1}, 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slowServer{room: tc.room}
				s.create(t.Context(), tc.pause, tc.turns...)
				if diff := cmp.Diff(tc.want, s.asked); diff != "" {
					t.Errorf("pods at once (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tc.sent, s.sent); diff != "" {
					t.Errorf("requests in all (-want +got):\n%s", diff)
				}
			})
		})
	}
}
