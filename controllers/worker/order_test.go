package worker

import (
	"fmt"
	"testing"
)

// drained returns the keys that the queue hands out, each given back before the next is taken.
func drained(t *testing.T, q *queue, n int) []Key {
	t.Helper()
	keys := make([]Key, 0, n)
	for range n {
		key, _, ok := q.take()
		if !ok {
			t.Fatalf("the queue has handed out %d keys, want %d", len(keys), n)
		}
		q.succeed(key, 0)
		keys = append(keys, key)
	}
	return keys
}

func fill(q *queue, namespace string, n int, priority Priority) {
	for i := range n {
		q.add(Key{Namespace: namespace, Name: fmt.Sprint(priority, "-", i)}, priority, Cause{})
	}
}

func TestLiveKeysGoFirstAndBackgroundGetsItsShare(t *testing.T) {
	q := newQueue(newMetrics())
	fill(q, "background", 100, Background)
	fill(q, "live", 100, Live)
	for i, key := range drained(t, q, 80) {
		want := "live"
		if (i+1)%backgroundEvery == 0 {
			want = "background"
		}
		if key.Namespace != want {
			t.Errorf("turn %d was %v's, want one of %s", i+1, key, want)
		}
	}
}

// TestNamespacesTakeTurns gives the bound: until a key is taken, at most one key of each other namespace of its priority is.
// The other priority's turns come on top of it: one of eight, or seven of eight.
func TestNamespacesTakeTurns(t *testing.T) {
	const many = 100_000
	late := Key{Namespace: "b", Name: "late"}
	tests := []struct {
		name     string
		full     []Priority // that namespace a has many keys of
		priority Priority   // of the late key
		want     int        // how many keys are taken before it at most
	}{
		{"live behind live", []Priority{Live}, Live, 1},
		{"live behind background", []Priority{Background}, Live, 1},
		{"live behind both", []Priority{Live, Background}, Live, 2},
		{"background behind background", []Priority{Background}, Background, 1},
		{"background behind both", []Priority{Live, Background}, Background, 15},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := newQueue(newMetrics())
			for _, priority := range tt.full {
				fill(q, "a", many, priority)
			}
			worst := 0
			for offset := range 2 * backgroundEvery {
				drained(t, q, offset)
				q.add(late, tt.priority, Cause{})
				before := 0
				for key := drained(t, q, 1)[0]; key != late; key = drained(t, q, 1)[0] {
					before++
				}
				worst = max(worst, before)
			}
			if worst != tt.want {
				t.Errorf("%d keys were taken before the late one in the worst case, want %d", worst, tt.want)
			}
		})
	}
}

func TestManyNamespacesEachGetATurn(t *testing.T) {
	q := newQueue(newMetrics())
	const namespaces = 50
	for i := range namespaces {
		fill(q, fmt.Sprint(i), 10, Live)
	}
	seen := map[string]bool{}
	for _, key := range drained(t, q, namespaces) {
		seen[key.Namespace] = true
	}
	if len(seen) != namespaces {
		t.Errorf("%d turns went to %d namespaces, want each of %d once", namespaces, len(seen), namespaces)
	}
}
