package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func ref(name string) worker.Ref { return worker.Ref(key(name)) }

func span(d time.Duration) metav1.Duration { return metav1.Duration{Duration: d} }

func TestRecordTellsWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(ctx context.Context, k worker.Key) (worker.Result, error) {
			for range 3 {
				worker.NoteWrite(ctx, "create", "pods", 201)
			}
			worker.NoteWrite(ctx, "create", "pods", 403)
			worker.NoteWrite(context.WithoutCancel(ctx), "patch", "replicasets.apps/status", 200)
			_, err := lasting(3*time.Second)(ctx, k)
			return worker.Result{RequeueAfter: time.Minute}, err
		})
		queued := time.Now()
		handler := f.Handler(worker.Self)
		handler.OnAdd(pod("1"), false)
		handler.OnUpdate(pod("1"), pod("2"))
		handler.OnUpdate(pod("2"), pod("3"))
		time.Sleep(2 * time.Second)
		f.start(t, t.Context())
		time.Sleep(10 * time.Second)
		want := []worker.Record{{
			Key: ref("a"),
			Causes: []worker.Cause{
				{Event: worker.Added, Kind: "Pod", Object: ref("a"), Count: 1},
				{Event: worker.Updated, Kind: "Pod", Object: ref("a"), Count: 2},
			},
			Queued: queued, Started: queued.Add(2 * time.Second), Wait: span(2 * time.Second), Duration: span(3 * time.Second),
			Result: "success",
			Writes: []worker.Write{
				{Verb: "create", Resource: "pods", Code: 201, Count: 3},
				{Verb: "create", Resource: "pods", Code: 403, Count: 1},
				{Verb: "patch", Resource: "replicasets.apps/status", Code: 200, Count: 1},
			},
			Again: span(time.Minute),
		}}
		if diff := cmp.Diff(want, f.Records(10)); diff != "" {
			t.Errorf("records (-want +got)\n%s", diff)
		}
	})
}

func TestRecordTellsHowItEnded(t *testing.T) {
	tests := []struct {
		name      string
		reconcile worker.Reconcile
		change    func(*worker.Config)
		want      string
	}{
		{"success", succeed, nil, "success"},
		{"look again", again(time.Hour), nil, "success again"},
		{"error", fail, nil, "error; broken, failure 1 again"},
		{"panic", blowUp, nil, "panic; panic: runtime error: invalid memory address or nil pointer dereference, failure 1 again"},
		{"deadline", lasting(time.Hour), func(c *worker.Config) { c.Timeout = time.Millisecond }, "timeout; context deadline exceeded, failure 1 again"},
		{"end of the term", lasting(time.Hour), nil, "cancelled; context deadline exceeded"},
		{"no retry left", fail, func(c *worker.Config) { c.MaxRetries = 1 }, "dropped; broken, failure 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				change := tt.change
				if change == nil {
					change = workers(1)
				}
				f := newWorker(t, tt.reconcile, change)
				f.Add(key("a"), worker.Live)
				term := 3 * time.Millisecond // before any retry
				if strings.HasPrefix(tt.want, "dropped") {
					term = time.Second
				}
				f.term(t, term)
				if diff := cmp.Diff(tt.want, ending(f.Records(1)[0])); diff != "" {
					t.Errorf("end (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func again(d time.Duration) worker.Reconcile {
	return func(context.Context, worker.Key) (worker.Result, error) { return worker.Result{RequeueAfter: d}, nil }
}

func ending(r worker.Record) string {
	text := r.Result
	if r.Error != "" {
		text += "; " + r.Error
	}
	if r.Failures > 0 {
		text += fmt.Sprintf(", failure %d", r.Failures)
	}
	if r.Again.Duration > 0 {
		text += " again"
	}
	return text
}

// An event in the meantime ends the wait before it has begun.
func TestRecordSaysOnEventWhereOneHasCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(ctx context.Context, k worker.Key) (worker.Result, error) {
			time.Sleep(time.Second)
			return worker.Result{RequeueAfter: time.Hour}, nil
		})
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		synctest.Wait()
		f.Add(key("a"), worker.Live)
		time.Sleep(time.Minute)
		got := f.Records(2)
		if first, second := got[1].Again.Duration, got[0].Again.Duration; first != 0 || second != time.Hour {
			t.Errorf("looked at again after %v, then %v; want 0s, 1h", first, second)
		}
	})
}

func TestErrorsAreCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(context.Context, worker.Key) (worker.Result, error) {
			return worker.Result{}, errors.New(strings.Repeat("ä", 10_000))
		})
		f.Add(key("a"), worker.Live)
		f.term(t, time.Millisecond)
		got := f.Records(1)[0].Error
		if len(got) > 512 || len(got) < 500 || !utf8.ValidString(got) || !strings.HasSuffix(got, "ä…") {
			t.Errorf("the error is kept as %d bytes %q, want at most 512 whole characters with … at the end", len(got), got)
		}
	})
}

func TestWritesOfALateGoroutineAreNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late context.Context
		f := newWorker(t, func(ctx context.Context, _ worker.Key) (worker.Result, error) {
			late = ctx
			return worker.Result{}, nil
		})
		f.Add(key("a"), worker.Live)
		f.term(t, time.Millisecond)
		worker.NoteWrite(late, "create", "pods", 201)
		if got := f.Records(1)[0].Writes; len(got) > 0 {
			t.Errorf("writes after the end: %v", got)
		}
	})
}

func TestRecordsInJSON(t *testing.T) {
	r := worker.Record{
		Key:    ref("a"),
		Causes: []worker.Cause{{Event: worker.Updated, Kind: "Pod", Object: ref("a-1"), Count: 2}, {Event: worker.Retried, Count: 1}},
		Queued: time.Unix(0, 0).UTC(), Started: time.Unix(90, 0).UTC(), Wait: span(90 * time.Second), Duration: span(2500 * time.Microsecond),
		Result: "error", Error: "broken", Failures: 3,
		Writes: []worker.Write{{Verb: "create", Resource: "pods", Code: 403, Count: 1}},
		Again:  span(20 * time.Millisecond),
	}
	const want = `{"key":"default/a",` +
		`"causes":[{"event":"update","kind":"Pod","object":"default/a-1","count":2},{"event":"retry","count":1}],` +
		`"queued":"1970-01-01T00:00:00Z","started":"1970-01-01T00:01:30Z","wait":"1m30s","duration":"2.5ms",` +
		`"result":"error","error":"broken","failures":3,` +
		`"writes":[{"verb":"create","resource":"pods","code":403,"count":1}],"again":"20ms"}`
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("JSON (-want +got)\n%s", diff)
	}
	var back worker.Record
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Errorf("read back from JSON (-want +got)\n%s", diff)
	}
}
