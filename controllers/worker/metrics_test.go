package worker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// values returns all that the registry exports: `name{label="value"}`, or for a histogram two of them, _count and _sum.
func values(t *testing.T, registry prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			labels := labelText(m.GetLabel())
			if h := m.GetHistogram(); h != nil {
				all[family.GetName()+"_count"+labels] = float64(h.GetSampleCount())
				all[family.GetName()+"_sum"+labels] = h.GetSampleSum()
				continue
			}
			all[family.GetName()+labels] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return all
}

func labelText(pairs []*dto.LabelPair) string {
	var text []string
	for _, pair := range pairs {
		text = append(text, pair.GetName()+`="`+pair.GetValue()+`"`)
	}
	return "{" + strings.Join(text, ",") + "}"
}

// results returns how many reconciles ended in which way, without those that are 0.
func (f *fixture) results(t *testing.T) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for name, value := range values(t, f.registry) {
		if result, ok := strings.CutPrefix(name, `wheelhouse_reconciles_total{controller="test",result="`); ok && value > 0 {
			all[strings.TrimSuffix(result, `"}`)] = value
		}
	}
	return all
}

func TestMetricsAreThereFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, succeed, workers(4))
		want := map[string]float64{
			`workqueue_adds_total{name="test"}`:                        0,
			`workqueue_depth{name="test"}`:                             0,
			`workqueue_longest_running_processor_seconds{name="test"}`: 0,
			`workqueue_queue_duration_seconds_count{name="test"}`:      0,
			`workqueue_queue_duration_seconds_sum{name="test"}`:        0,
			`workqueue_retries_total{name="test"}`:                     0,
			`workqueue_unfinished_work_seconds{name="test"}`:           0,
			`workqueue_work_duration_seconds_count{name="test"}`:       0,
			`workqueue_work_duration_seconds_sum{name="test"}`:         0,
			`wheelhouse_workers{controller="test"}`:                    4,
			`wheelhouse_workers_busy{controller="test"}`:               0,
			`wheelhouse_failing_keys{controller="test"}`:               0,
			`wheelhouse_backoff_keys{controller="test"}`:               0,
			`wheelhouse_blocked_keys{controller="test"}`:               0,
			`wheelhouse_delayed_keys{controller="test"}`:               0,
			`wheelhouse_oldest_key_seconds{controller="test"}`:         0,
			`wheelhouse_last_success_age_seconds{controller="test"}`:   60,
		}
		for _, result := range []string{"success", "error", "panic", "timeout", "cancelled", "dropped"} {
			want[`wheelhouse_reconciles_total{controller="test",result="`+result+`"}`] = 0
			want[`wheelhouse_reconcile_duration_seconds_count{controller="test",result="`+result+`"}`] = 0
			want[`wheelhouse_reconcile_duration_seconds_sum{controller="test",result="`+result+`"}`] = 0
		}
		time.Sleep(time.Minute)
		if diff := cmp.Diff(want, values(t, f.registry)); diff != "" {
			t.Errorf("metrics (-want +got)\n%s", diff)
		}
	})
}

func TestMetricsOfKeysThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, byName)
		f.start(t, t.Context())
		for _, name := range []string{"done", "wait-1", "wait-2", "wait-3", "fail-1", "fail-2", "hold"} {
			f.Add(key(name), worker.Live)
			synctest.Wait()
		}
		f.Add(key("ready"), worker.Live)
		time.Sleep(2 * time.Millisecond)
		f.Add(key("ready-later"), worker.Live)
		time.Sleep(time.Millisecond)
		want := map[string]float64{
			`workqueue_depth{name="test"}`:                                                  2,
			`wheelhouse_failing_keys{controller="test"}`:                                    2,
			`wheelhouse_backoff_keys{controller="test"}`:                                    2,
			`wheelhouse_delayed_keys{controller="test"}`:                                    3,
			`wheelhouse_oldest_key_seconds{controller="test"}`:                              .003,
			`wheelhouse_last_success_age_seconds{controller="test"}`:                        .003,
			`wheelhouse_reconcile_duration_seconds_count{controller="test",result="error"}`: 2,
		}
		if diff := cmp.Diff(want, only(want, values(t, f.registry))); diff != "" {
			t.Errorf("metrics (-want +got)\n%s", diff)
		}
		time.Sleep(time.Second) // the retries are due, and wait for the worker
		want = map[string]float64{
			`workqueue_depth{name="test"}`:               4,
			`wheelhouse_failing_keys{controller="test"}`: 2,
			`wheelhouse_backoff_keys{controller="test"}`: 0,
		}
		if diff := cmp.Diff(want, only(want, values(t, f.registry))); diff != "" {
			t.Errorf("metrics when retries are due (-want +got)\n%s", diff)
		}
	})
}

func TestManyKeysMakeNoFurtherSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, byName, workers(10))
		before := len(values(t, f.registry))
		for i := range 10_000 {
			what := []string{"fail", "wait", "done"}[i%3]
			f.Add(worker.Key{Namespace: fmt.Sprint(i % 100), Name: fmt.Sprintf("%s-%d", what, i)}, worker.Live)
		}
		f.term(t, time.Second)
		if got := len(values(t, f.registry)); got != before {
			t.Errorf("10,000 keys make %d series of %d", got, before)
		}
	})
}

func TestMetricsOfARunningWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(10*time.Second), workers(2))
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		time.Sleep(4 * time.Second)
		for _, name := range []string{"b", "c", "d"} {
			f.Add(key(name), worker.Live)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		want := map[string]float64{
			`workqueue_adds_total{name="test"}`:                        4,
			`workqueue_depth{name="test"}`:                             2,
			`workqueue_longest_running_processor_seconds{name="test"}`: 6,
			`workqueue_queue_duration_seconds_count{name="test"}`:      2,
			`workqueue_unfinished_work_seconds{name="test"}`:           8,
			`workqueue_work_duration_seconds_count{name="test"}`:       0,
			`wheelhouse_workers_busy{controller="test"}`:               2,
		}
		if diff := cmp.Diff(want, only(want, values(t, f.registry))); diff != "" {
			t.Errorf("metrics at work (-want +got)\n%s", diff)
		}
	})
}

func TestMetricsAfterWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(10*time.Second))
		f.start(t, t.Context())
		for _, name := range []string{"a", "b", "c"} {
			f.Add(key(name), worker.Live)
		}
		time.Sleep(time.Minute)
		want := map[string]float64{
			`workqueue_adds_total{name="test"}`:                               3,
			`workqueue_depth{name="test"}`:                                    0,
			`workqueue_longest_running_processor_seconds{name="test"}`:        0,
			`workqueue_queue_duration_seconds_count{name="test"}`:             3,
			`workqueue_queue_duration_seconds_sum{name="test"}`:               0 + 10 + 20,
			`workqueue_retries_total{name="test"}`:                            0,
			`workqueue_unfinished_work_seconds{name="test"}`:                  0,
			`workqueue_work_duration_seconds_count{name="test"}`:              3,
			`workqueue_work_duration_seconds_sum{name="test"}`:                30,
			`wheelhouse_reconciles_total{controller="test",result="success"}`: 3,
		}
		if diff := cmp.Diff(want, only(want, values(t, f.registry))); diff != "" {
			t.Errorf("metrics after work (-want +got)\n%s", diff)
		}
	})
}

// Keys wait in the queue from when they could have been taken: when they were due, or came back from a term cut short.
func TestQueueDurationBeginsWhenAKeyIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(ctx context.Context, k worker.Key) (worker.Result, error) {
			if k.Name == "long" {
				return lasting(time.Minute)(ctx, k)
			}
			return worker.Result{RequeueAfter: 10 * time.Second}, nil
		})
		f.Add(key("a"), worker.Live)
		f.Add(key("long"), worker.Live) // is taken at once, and cut short at 30 s
		f.term(t, 30*time.Second)
		time.Sleep(5 * time.Second)
		f.term(t, 2*time.Minute) // long has waited for 5 s, a, which follows it, for 85 s
		const sum = `workqueue_queue_duration_seconds_sum{name="test"}`
		if got := values(t, f.registry)[sum]; got != 90 {
			t.Errorf("%s = %v, want 90", sum, got)
		}
	})
}

func TestWorkersOfOneNameCantShareARegistry(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	config := worker.Config{Name: "a", Workers: 1, Reconcile: succeed, Log: zap.NewNop(), Metrics: registry}
	if _, err := worker.New(config); err != nil {
		t.Fatal(err)
	}
	_, err := worker.New(config)
	if err == nil || !strings.Contains(err.Error(), "register metrics of worker a: ") {
		t.Errorf("New for a second worker named a returned %v, want an error that names it", err)
	}
	config.Name = "b"
	if _, err := worker.New(config); err != nil {
		t.Errorf("New for a worker of another name: %v", err)
	}
	if _, ok := values(t, registry)[`workqueue_depth{name="b"}`]; !ok {
		t.Error("the second worker has no metrics")
	}
}

func TestMetricsAreWellNamed(t *testing.T) {
	problems, err := testutil.GatherAndLint(newWorker(t, succeed).registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// only returns the values of those names that want has.
func only(want, all map[string]float64) map[string]float64 {
	some := map[string]float64{}
	for name := range want {
		if value, ok := all[name]; ok {
			some[name] = value
		}
	}
	return some
}
