package controllertest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// Run checks that the controller keeps the contract, in a subtest for each of its sentences. The API server that it meets has
// the objects.
func Run(t *testing.T, descriptor func() controllers.Descriptor, objects ...runtime.Object) {
	c := candidate{descriptor: descriptor, objects: objects}
	for _, p := range promises() {
		t.Run(p.sentence, func(t *testing.T) {
			r := c.try(t, p)
			for _, note := range r.notes {
				t.Log(note)
			}
			for _, breach := range r.breaches {
				t.Error(breach)
			}
		})
	}
}

// candidate is a controller to be checked, and the objects that it is to work on.
type candidate struct {
	descriptor func() controllers.Descriptor
	objects    []runtime.Object
}

// promise is a sentence of the contract, and how to find out whether a controller keeps it.
type promise struct {
	sentence string
	check    func(candidate, *report)
}

func promises() []promise {
	return []promise{
		{"it is documented", isDocumented},
		{"its flags are documented and bear its name", hasFlagsOfItsOwn},
		{"its descriptors share nothing", sharesNothing},
		{"New starts nothing and sends nothing", newStartsNothing},
		{"New asks for all informers and starts none", newAsksForInformers},
		{"New can be called twice in a process", newWorksTwice},
		{"its metrics are well named", hasGoodMetrics},
		{"Run works until its context ends", runLasts},
		{"Run ends all that it started", runEndsAll},
		{"Run begins nothing when its context has ended", runTakesEndedContext},
		{"Run can be called again", runWorksAgain},
		{"Run comes to rest", runComesToRest},
		{"Rules cover every call", rulesCoverCalls},
	}
}

// report is what a check found.
type report struct {
	breaches []string // of the promise, each with what to do about it
	notes    []string // what else the author wants to know
}

func (r *report) breach(format string, args ...any) {
	r.breaches = append(r.breaches, fmt.Sprintf(format, args...))
}

func (r *report) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// try checks one promise in a bubble of its own.
func (c candidate) try(t *testing.T, p promise) (r *report) {
	r = &report{}
	defer forgiveLeftovers()
	synctest.Test(t, func(*testing.T) { p.check(c, r) })
	return r
}

// forgiveLeftovers recovers from the panic by which a bubble says that goroutines were left in it: a check has reported those
// of the controller, and the tests that follow need the process.
func forgiveLeftovers() {
	value := recover()
	if value != nil && !strings.HasPrefix(fmt.Sprint(value), "deadlock: main bubble goroutine has exited") {
		panic(value)
	}
}
