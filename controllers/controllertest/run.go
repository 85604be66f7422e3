package controllertest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	corev1 "k8s.io/api/core/v1"
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
	cached     func(*corev1.Pod) *corev1.Pod // what its cache holds of a pod; nil for what the descriptor declares
}

// promise is a sentence of the contract, and how to find out whether a controller keeps it.
type promise struct {
	sentence string
	check    func(candidate, *report)
	// compare, if set, takes the place of check. It makes the bubbles itself, one for each trial, so that all begin at the same time.
	compare func(*testing.T, candidate, *report)
}

func promises() []promise {
	return []promise{
		{sentence: "it is documented", check: isDocumented},
		{sentence: "its flags are documented and bear its name", check: hasFlagsOfItsOwn},
		{sentence: "its descriptors share nothing", check: sharesNothing},
		{sentence: "New starts nothing and sends nothing", check: newStartsNothing},
		{sentence: "New asks for all informers and starts none", check: newAsksForInformers},
		{sentence: "New can be called twice in a process", check: newWorksTwice},
		{sentence: "its metrics are well named", check: hasGoodMetrics},
		{sentence: "Run works until its context ends", check: runLasts},
		{sentence: "Run ends all that it started", check: runEndsAll},
		{sentence: "Run begins nothing when its context has ended", check: runTakesEndedContext},
		{sentence: "Run can be called again", check: runWorksAgain},
		{sentence: "Run comes to rest", check: runComesToRest},
		{sentence: "Run leaves its canary alone", check: runLeavesCanaryAlone},
		{sentence: "Rules cover every call", check: rulesCoverCalls},
		{sentence: "Pods declares what is read of pods", compare: podsDeclaresReads},
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

// try checks one promise, in a bubble of its own if it doesn't make them.
func (c candidate) try(t *testing.T, p promise) *report {
	r := &report{}
	if p.compare != nil {
		p.compare(t, c, r)
	} else {
		inBubble(t, func() { p.check(c, r) })
	}
	return r
}

func inBubble(t *testing.T, do func()) {
	defer forgiveLeftovers()
	synctest.Test(t, func(*testing.T) { do() })
}

// forgiveLeftovers recovers from the panic by which a bubble says that goroutines were left in it: a check has reported those
// of the controller, and the tests that follow need the process.
func forgiveLeftovers() {
	value := recover()
	if value != nil && !strings.HasPrefix(fmt.Sprint(value), "deadlock: main bubble goroutine has exited") {
		panic(value)
	}
}
