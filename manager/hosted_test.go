package manager_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
)

func TestFailureOfOneControllerIsItsOwn(t *testing.T) {
	tests := []struct {
		name   string
		run    run
		reason string
	}{
		{"error", func(context.Context) error { return errors.New("disk is round") }, "disk is round"},
		{"panic", func(context.Context) error { panic("oh") }, "panic: oh"},
		{"returns early", func(context.Context) error { return nil }, "returned before the end of its term"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := start(t, config(controller("bad", tt.run), controller("good", idle)))
				synctest.Wait()
				m.wantState(t, "bad", "Backoff: "+tt.reason)
				m.wantState(t, "good", "Running")
				if err := m.stop(); err != nil {
					t.Errorf("Run = %v, want nil", err)
				}
			})
		})
	}
}

func TestRestartsSlowDownAndRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gaps []time.Duration
		last := time.Now()
		lasts := []time.Duration{8: 6 * time.Minute, 10: 0} // how long each run lasts; the ninth is a steady one
		m := start(t, config(controller("bad", func(ctx context.Context) error {
			gaps = append(gaps, time.Since(last))
			if len(gaps) > len(lasts) {
				return idle(ctx)
			}
			time.Sleep(lasts[len(gaps)-1])
			last = time.Now()
			return errors.New("again")
		})))
		time.Sleep(time.Hour)
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		const s = time.Second
		want := []time.Duration{0, s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 60 * s, 60 * s, s, 2 * s, 4 * s}
		if diff := cmp.Diff(want, gaps); diff != "" {
			t.Errorf("delays before each run (-want +got)\n%s", diff)
		}
	})
}

func TestStateMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(controller("bad", func(context.Context) error { panic("oh") }), controller("good", idle))
		m := start(t, c)
		synctest.Wait()
		registry := c.Metrics.(*prometheus.Registry)
		want := map[string]float64{
			"wheelhouse_controller_state bad Backoff":  1,
			"wheelhouse_controller_state good Running": 1,
			"wheelhouse_controller_panics_total bad":   1,
		}
		if diff := cmp.Diff(want, notZero(t, registry)); diff != "" {
			t.Errorf("metrics that are not 0 (-want +got)\n%s", diff)
		}
		if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
			t.Errorf("lint of the metrics: %v %v", problems, err)
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

// notZero returns the value of each metric that has one, by its name and the values of its labels.
func notZero(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue(); value != 0 {
				values[family.GetName()+labelValues(metric)] = value
			}
		}
	}
	return values
}

func labelValues(metric *dto.Metric) string {
	var text string
	for _, label := range metric.GetLabel() {
		text += " " + label.GetValue()
	}
	return text
}
