package manager_test

import (
	"context"
	"testing"

	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// open is a controller that can be looked into.
type open struct{ worker *worker.Worker }

func (o open) Run(ctx context.Context) error { return o.worker.Run(ctx) }
func (o open) Worker() *worker.Worker        { return o.worker }

// embedding is a controller that is a worker.
type embedding struct{ *worker.Worker }

// workingController describes a controller that reconciles nothing, three keys at a time.
func workingController(name string, of func(*worker.Worker) controllers.Controller) controllers.Descriptor {
	d := controller(name, idle)
	d.New = func(env controllers.Env) (controllers.Controller, error) {
		w, err := worker.New(worker.Config{
			Name: name, Workers: 3, Log: zap.NewNop(), Metrics: env.Metrics,
			Reconcile: func(context.Context, worker.Key) (worker.Result, error) { return worker.Result{}, nil },
		})
		return of(w), err
	}
	return d
}

func TestInspector(t *testing.T) {
	m := start(t, config(
		controller("closed", idle),
		workingController("open", func(w *worker.Worker) controllers.Controller { return open{w} }),
		workingController("embedding", func(w *worker.Worker) controllers.Controller { return embedding{w} }),
	))
	defer func() {
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	}()
	for _, name := range []string{"open", "embedding"} {
		if got := m.Inspector(name); got == nil || got.Inspect().Workers != 3 {
			t.Errorf("%s is told of by %v, want its worker, of 3", name, got)
		}
	}
	for _, name := range []string{"closed", "missing"} {
		if got := m.Inspector(name); got != nil {
			t.Errorf("%s is told of by %v, want nil", name, got)
		}
	}
}
