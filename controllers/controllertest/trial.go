package controllertest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// maxCalls is how many calls a controller may make in a term before it is taken to run in circles.
const maxCalls = 500

// trial is one instance of a candidate.
type trial struct {
	*Fakes
	candidate  candidate
	controller controllers.Controller
	witness    *witness
	canary     *canaryEvents
	serving    context.Context // of the informers
	stop       context.CancelFunc

	calls   int                // of this term
	tooMany context.CancelFunc // ends the term
}

// build makes an instance in the way in which a host does, or reports why it can't.
func (c candidate) build(r *report) (*trial, bool) {
	cached, err := c.podCache()
	if err != nil {
		r.breach("%v", err)
		return nil, false
	}
	fakes, err := newFakes(c.objects, onPods(cached))
	if err != nil {
		r.breach("the objects can't be used: %v", err)
		return nil, false
	}
	tr := &trial{Fakes: fakes, candidate: c, canary: &canaryEvents{}, tooMany: func() {}}
	tr.serving, tr.stop = context.WithCancel(context.Background())
	tr.API.PrependReactor("*", "*", tr.count)
	tr.witness = newWitness(tr)
	tr.Events = recorder{tr.witness, tr.canary}
	if err := tr.callNew(); err != nil {
		r.breach("%v", err)
		return nil, false
	}
	return tr, true
}

func (tr *trial) callNew() (err error) {
	defer catch("New", &err)
	d := tr.candidate.descriptor()
	if _, err := flagsOf(d); err != nil { // which sets the defaults
		return err
	}
	if d.Canary != nil {
		tr.Canary = canaryName()
	}
	if tr.controller, err = d.New(tr.Env); err != nil {
		return fmt.Errorf("call New with the defaults of the flags: %w", err)
	}
	if tr.controller == nil {
		return errors.New("neither a controller nor an error came from New")
	}
	return nil
}

// panicError is a panic of the controller.
type panicError struct {
	what  string // panicked
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("%s panicked: %v\n%s", e.what, e.value, e.stack)
}

// catch turns a panic of what is called into an error.
func catch(what string, err *error) {
	if value := recover(); value != nil {
		*err = &panicError{what: what, value: value, stack: debug.Stack()}
	}
}

// count refuses calls, and ends the term, when there have been too many.
func (tr *trial) count(clienttesting.Action) (handled bool, _ runtime.Object, err error) {
	if tr.calls++; tr.calls <= maxCalls {
		return false, nil, nil
	}
	tr.tooMany()
	return true, nil, apierrors.NewTooManyRequestsError("the controller does not come to rest")
}

// fillTime is how long the informers may take to be filled.
const fillTime = time.Minute

// start starts the informers that were asked for, and waits until they are filled, as a host does before the first term.
func (tr *trial) start(r *report) {
	tr.Informers.Start(tr.serving.Done())
	ctx, cancel := context.WithTimeout(tr.serving, fillTime)
	defer cancel()
	for objects, filled := range tr.Informers.WaitForCacheSync(ctx.Done()) {
		if !filled {
			r.note("the informer of %v was not filled", objects)
		}
	}
	synctest.Wait()
}

// end stops the informers. It gives up on those that the controller started, which it can't stop.
func (tr *trial) end() {
	tr.stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tr.Informers.Shutdown()
	}()
	select {
	case <-ended:
	case <-time.After(lossTime):
	}
}
