// Package stage puts a controller on a fake API server, with everything that a host gives it, for the controller's own tests.
package stage

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/record"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// Process is a controller with its host. It lives in a synctest bubble.
type Process struct {
	Client *fake.Clientset
	// Logs are the warnings and errors that were logged.
	Logs *observer.ObservedLogs
	// Stop ends the term that Run has begun.
	Stop func()

	t          *testing.T
	factory    informers.SharedInformerFactory
	recorder   *record.FakeRecorder
	controller controllers.Controller
	live       context.Context
	die        func()
}

// New returns a Process that doesn't run yet. The API server holds the objects.
func New(t *testing.T, build func(controllers.Env) (controllers.Controller, error), objects ...runtime.Object) *Process {
	t.Helper()
	p := &Process{t: t, Client: fake.NewClientset(objects...), recorder: record.NewFakeRecorder(1000)}
	p.factory = informers.NewSharedInformerFactory(p.Client, 0)
	core, logs := observer.New(zapcore.WarnLevel)
	p.Logs = logs
	p.live, p.die = context.WithCancel(t.Context())
	var err error
	p.controller, err = build(controllers.Env{
		Client: p.Client, Informers: p.factory, Events: p.recorder,
		Log: zap.New(core), Metrics: prometheus.NewRegistry(), Tracer: noop.Tracer{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Run begins a term.
func (p *Process) Run() {
	p.factory.Start(p.live.Done())
	p.factory.WaitForCacheSync(p.live.Done())
	term, stop := context.WithCancel(p.live)
	done := make(chan error)
	go func() { done <- p.controller.Run(term) }()
	p.Stop = func() {
		stop()
		if err := <-done; err != nil {
			p.t.Errorf("Run returned %v", err)
		}
	}
}

// End ends the term and the process.
func (p *Process) End() {
	p.Stop()
	p.die()
	p.factory.Shutdown()
}

// Settle lets the controller work for a while.
func (p *Process) Settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// React makes the API server answer calls of the verb for the resource as do says, if its first result is true.
func (p *Process) React(verb, resource string, do func(clienttesting.Action) (bool, runtime.Object, error)) {
	p.Client.PrependReactor(verb, resource, do)
}

// Calls returns how often the verb was called for the resource.
func (p *Process) Calls(verb, resource string) int {
	n := 0
	for _, action := range p.Client.Actions() {
		if action.Matches(verb, resource) {
			n++
		}
	}
	return n
}

// Writes names the calls that write, as "patch deployments/status".
func (p *Process) Writes() (calls []string) {
	for _, action := range p.Client.Actions() {
		switch verb := action.GetVerb(); verb {
		case "get", "list", "watch":
		default:
			resource := action.GetResource().Resource
			if action.GetSubresource() != "" {
				resource += "/" + action.GetSubresource()
			}
			calls = append(calls, verb+" "+resource)
		}
	}
	return calls
}

// Events returns the events that were told since it was last called.
func (p *Process) Events() (events []string) {
	for {
		select {
		case e := <-p.recorder.Events:
			events = append(events, e)
		default:
			return events
		}
	}
}
