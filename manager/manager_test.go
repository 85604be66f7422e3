package manager_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/manager"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// run is what a controller of a test does in its Run.
type run func(ctx context.Context) error

func (r run) Run(ctx context.Context) error { return r(ctx) }

// idle works until its term ends.
func idle(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// controller describes a controller that needs no permission and no cache.
func controller(name string, r run) controllers.Descriptor {
	return controllers.Descriptor{
		Name: name,
		Doc:  "is for tests",
		New:  func(controllers.Env) (controllers.Controller, error) { return r, nil },
	}
}

// podReader describes a controller that needs to list and watch pods, and their cache.
func podReader(name string, r run) controllers.Descriptor {
	d := controller(name, r)
	d.Rules = []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list", "watch"}}}
	d.New = func(env controllers.Env) (controllers.Controller, error) {
		env.Informers.Core().V1().Pods().Informer()
		return r, nil
	}
	return d
}

// always leads from the start, and is never lost.
type always struct{}

func (always) Run(ctx context.Context, lead func(drain, term context.Context)) error {
	lead(ctx, context.WithoutCancel(ctx))
	return nil
}

// terms begin and are lost when the test says so.
type terms struct{ begin, lose chan struct{} }

func newTerms() terms {
	return terms{begin: make(chan struct{}), lose: make(chan struct{})}
}

func (e terms) forAll(string) manager.Elector { return e }

func (e terms) Run(ctx context.Context, lead func(drain, term context.Context)) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-e.begin:
			e.serve(ctx, lead)
		}
	}
}

func (e terms) serve(ctx context.Context, lead func(drain, term context.Context)) {
	term, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		lead(ctx, term)
	}()
	select {
	case <-e.lose:
		end()
		<-ended
	case <-ended:
	}
}

// allow makes the API server answer permission reviews as granted says.
func allow(client *fake.Clientset, granted func(verb, resource string) bool) {
	client.PrependReactor("create", "selfsubjectaccessreviews", func(action clienttesting.Action) (bool, runtime.Object, error) {
		review := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SelfSubjectAccessReview).DeepCopy()
		a := review.Spec.ResourceAttributes
		review.Status.Allowed = granted(a.Verb, a.Resource)
		return true, review, nil
	})
}

func everything(string, string) bool { return true }

// config is for a manager that leads at once on an empty cluster which allows everything.
func config(list ...controllers.Descriptor) manager.Config {
	client := fake.NewClientset()
	allow(client, everything)
	return withClient(client, list...)
}

func withClient(client kubernetes.Interface, list ...controllers.Descriptor) manager.Config {
	clients := func(string) (kubernetes.Interface, error) { return client, nil }
	return manager.Config{
		Controllers: list,
		Clients:     clients, ControllerClients: clients,
		Elector:         func(string) manager.Elector { return always{} },
		ShutdownTimeout: 10 * time.Second,
		Log:             zap.NewNop(),
		Metrics:         prometheus.NewPedanticRegistry(),
	}
}

// running is a manager that runs.
type running struct {
	*manager.Manager
	shutdown context.CancelFunc
	ended    chan error
}

// start runs a manager until the test calls stop.
func start(t *testing.T, config manager.Config) running {
	t.Helper()
	m, err := manager.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, shutdown := context.WithCancel(t.Context())
	r := running{Manager: m, shutdown: shutdown, ended: make(chan error, 1)}
	go func() { r.ended <- m.Run(ctx) }()
	return r
}

// stop tells the manager to end and returns what its Run returned.
func (r running) stop() error {
	r.shutdown()
	return <-r.ended
}

// state returns "State: reason" of the named controller.
func (r running) state(t *testing.T, name string) string {
	t.Helper()
	for _, s := range r.Statuses() {
		if s.Controller == name && s.Reason != "" {
			return string(s.State) + ": " + s.Reason
		}
		if s.Controller == name {
			return string(s.State)
		}
	}
	t.Fatalf("no controller %q among %v", name, r.Statuses())
	return ""
}

func (r running) wantState(t *testing.T, name, want string) {
	t.Helper()
	if got := r.state(t, name); got != want {
		t.Errorf("state of %s is %q, want %q", name, got, want)
	}
}

func TestNewRefuses(t *testing.T) {
	broken := controller("broken", idle)
	broken.New = func(controllers.Env) (controllers.Controller, error) {
		return nil, &controllers.FlagError{Flag: "broken-limit", Reason: "must be at least 1, not 0"}
	}
	if _, err := manager.New(config()); err == nil {
		t.Error("New hosts no controller and says nothing")
	}
	panicking := controller("panicking", idle)
	panicking.New = func(controllers.Env) (controllers.Controller, error) { panic("oh") }
	for _, d := range []controllers.Descriptor{panicking, controller("api-server", idle)} {
		if _, err := manager.New(config(d)); err == nil {
			t.Errorf("New hosts %s and says nothing", d.Name)
		}
	}
	_, err := manager.New(config(controller("fine", idle), broken))
	var flag *controllers.FlagError
	if !errors.As(err, &flag) {
		t.Errorf("New = %v, want the *FlagError of the controller's New", err)
	}
}
