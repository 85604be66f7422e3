package controllertest

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// Fakes are an Env for tests of a controller, and what lies behind it.
type Fakes struct {
	controllers.Env
	// API has the manners of an API server that controllers rely on: names are generated, UIDs and resource versions given,
	// and updates of old versions refused. Change objects through it, not through its tracker.
	API      *fake.Clientset
	Recorder *record.FakeRecorder // behind Events
	Logs     *observer.ObservedLogs
	Registry *prometheus.Registry // behind Metrics

	server *server
}

// maxEvents is how many events a FakeRecorder holds for the test to read. The next one blocks the controller.
const maxEvents = 1000

// Env returns an Env whose API server has the objects. Inside of synctest.Test it keeps to the bubble.
func Env(t testing.TB, objects ...runtime.Object) *Fakes {
	t.Helper()
	f, err := newFakes(objects, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Recorder = record.NewFakeRecorder(maxEvents)
	f.Events = f.Recorder
	return f
}

// newFakes returns the fakes. The transform makes of objects what the caches hold; nil stands for the objects as they are.
func newFakes(objects []runtime.Object, transform cache.TransformFunc) (*Fakes, error) {
	api := fake.NewClientset()
	server := newServer(api.Tracker())
	for _, object := range objects {
		if err := server.Add(object); err != nil {
			return nil, err
		}
	}
	server.serve(api)
	core, logs := observer.New(zapcore.DebugLevel)
	registry := prometheus.NewPedanticRegistry()
	return &Fakes{
		Env: controllers.Env{
			Client:    api,
			Informers: informers.NewSharedInformerFactoryWithOptions(api, 0, informers.WithTransform(transform)),
			Events:    &record.FakeRecorder{}, // forgets them
			Log:       zap.New(core),
			Metrics:   registry,
			Tracer:    noop.Tracer{},
		},
		API: api, Logs: logs, Registry: registry, server: server,
	}, nil
}

// Run starts the informers, waits until they are filled, and runs the controller until the test ends.
func (f *Fakes) Run(t testing.TB, controller controllers.Controller) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	f.Informers.Start(ctx.Done())
	f.Informers.WaitForCacheSync(ctx.Done())
	ended := make(chan error, 1)
	go func() { ended <- controller.Run(ctx) }()
	t.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		f.Informers.Shutdown()
	})
}
