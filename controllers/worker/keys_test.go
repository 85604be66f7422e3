package worker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// known is a Worker that can name all its keys, and notes which it reconciles.
type known struct {
	*Worker
	all []Key

	mu   sync.Mutex
	seen []Key // guarded by mu
}

func newKnown(t *testing.T, reconcile Reconcile, all ...Key) *known {
	t.Helper()
	k := &known{all: all}
	var err error
	k.Worker, err = New(Config{
		Name: "known", Workers: 2, Keys: func() []Key { return k.all },
		Reconcile: func(ctx context.Context, key Key) (Result, error) {
			k.mu.Lock()
			k.seen = append(k.seen, key)
			k.mu.Unlock()
			return reconcile(ctx, key)
		},
		Log: zap.NewNop(), Metrics: prometheus.NewPedanticRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// term runs the worker for so long and returns, sorted, what it reconciled.
func (k *known) term(t *testing.T, d time.Duration) []Key {
	t.Helper()
	k.seen = nil
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := k.Run(ctx); err != nil {
		t.Errorf("Run = %v", err)
	}
	slices.SortFunc(k.seen, func(a, b Key) int { return strings.Compare(a.String(), b.String()) })
	return k.seen
}

func fine(context.Context, Key) (Result, error) { return Result{}, nil }

func TestTermBeginsWithAllKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := Key{Namespace: "n", Name: "a"}, Key{Namespace: "n", Name: "b"}
		k := newKnown(t, fine, a, b)
		for term := range 2 {
			if diff := cmp.Diff([]Key{a, b}, k.term(t, time.Second)); diff != "" {
				t.Errorf("term %d reconciled (-want +got)\n%s", term, diff)
			}
		}
	})
}

func TestStandbyKeepsNoKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, gone := Key{Name: "a"}, Key{Name: "gone"}
		k := newKnown(t, fine, a)
		k.Add(gone, Live)
		if diff := cmp.Diff([]Key{a}, k.term(t, time.Second)); diff != "" {
			t.Errorf("first term reconciled (-want +got)\n%s", diff)
		}
		k.Add(gone, Live)
		if k.Len() != 0 {
			t.Errorf("between terms %d keys are in the queue, want 0", k.Len())
		}
		if diff := cmp.Diff([]Key{a}, k.term(t, time.Second)); diff != "" {
			t.Errorf("second term reconciled (-want +got)\n%s", diff)
		}
	})
}

func TestNothingIsCarriedIntoTheNextTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing, later := Key{Name: "failing"}, Key{Name: "later"}
		k := newKnown(t, func(_ context.Context, key Key) (Result, error) {
			if key == failing {
				return Result{}, errors.New("no")
			}
			return Result{RequeueAfter: time.Hour}, nil
		}, failing, later)
		k.term(t, time.Minute)
		k.all = nil
		if got := k.term(t, 2*time.Hour); len(got) != 0 {
			t.Errorf("the second term, which begins with no keys, reconciled %v", got)
		}
		if len(k.queue.items) != 0 {
			t.Errorf("the queue remembers %d keys", len(k.queue.items))
		}
	})
}

func TestPanicInKeysLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := Key{Name: "a"}
		k := newKnown(t, fine, a)
		keys := k.config.Keys
		k.config.Keys = func() []Key { panic("no") }
		func() {
			defer func() {
				if recover() == nil {
					t.Error("Run did not panic")
				}
			}()
			_ = k.Run(t.Context())
		}()
		k.Add(a, Live)
		synctest.Wait()
		if len(k.seen) != 0 || k.Len() != 0 {
			t.Errorf("after the panic %v were reconciled and %d keys are in the queue", k.seen, k.Len())
		}
		k.config.Keys = keys
		if diff := cmp.Diff([]Key{a}, k.term(t, time.Second)); diff != "" {
			t.Errorf("the next term reconciled (-want +got)\n%s", diff)
		}
	})
}
