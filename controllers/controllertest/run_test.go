package controllertest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func TestGoodControllerPasses(t *testing.T) {
	Run(t, sampleOf(bad{}), configMap("a"), configMap("b"))
}

func TestGoodControllerPassesWithoutObjects(t *testing.T) {
	Run(t, sampleOf(bad{}))
}

func TestBrokenPromisesAreFound(t *testing.T) {
	seen := map[string]bool{}
	for _, tt := range badControllers() {
		seen[tt.sentence] = true
		t.Run(tt.sentence+": "+tt.name, func(t *testing.T) {
			r := tryOne(t, tt.sentence, tt.bad)
			if len(r.breaches) == 0 {
				t.Fatalf("no breach was found, want one with %q", tt.want)
			}
			if text := strings.Join(r.breaches, "\n"); !strings.Contains(text, tt.want) {
				t.Errorf("breaches without %q:\n%s", tt.want, text)
			}
		})
	}
	for _, p := range promises() {
		if !seen[p.sentence] {
			t.Errorf("no bad controller breaks the promise %q", p.sentence)
		}
	}
}

func tryOne(t *testing.T, sentence string, b bad) *report {
	t.Helper()
	all := promises()
	at := slices.IndexFunc(all, func(p promise) bool { return p.sentence == sentence })
	if at < 0 {
		t.Fatalf("there is no promise %q", sentence)
	}
	return candidate{descriptor: sampleOf(b), objects: []runtime.Object{configMap("a"), aPod()}}.try(t, all[at])
}

func TestWhatTheAuthorMayWantToKnowIsNoted(t *testing.T) {
	failing := bad{reconcile: func(context.Context, worker.Key) (worker.Result, error) { return worker.Result{}, errors.New("no") }}
	tests := []struct {
		name      string
		candidate candidate
		want      string // part of the first note
	}{
		{"nothing to do", candidate{descriptor: sampleOf(bad{})}, "the controller did nothing that can be seen: give Run objects that it works on"},
		{"errors in the log", candidate{descriptor: sampleOf(failing), objects: []runtime.Object{configMap("a")}}, `errors were logged; the first is "reconcile failed" with map[`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.candidate.try(t, promise{check: runWorksAgain})
			if len(r.notes) == 0 || !strings.Contains(r.notes[0], tt.want) {
				t.Errorf("notes %q, want one with %q", r.notes, tt.want)
			}
			if len(r.breaches) > 0 {
				t.Errorf("breaches %q, want none", r.breaches)
			}
		})
	}
}

// runBadVariable makes TestRunFailsTheTest run the kit on a bad controller.
const runBadVariable = "CONTROLLERTEST_RUN_BAD"

func TestRunFailsTheTest(t *testing.T) {
	if os.Getenv(runBadVariable) != "" {
		Run(t, sampleOf(lackingRules()), configMap("a"))
		return
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunFailsTheTest$", "-test.v")
	command.Env = append(os.Environ(), runBadVariable+"=1")
	output, err := command.CombinedOutput()
	if err == nil {
		t.Error("the test of a bad controller passed")
	}
	for _, want := range []string{
		"--- PASS: TestRunFailsTheTest/it_is_documented",
		"--- FAIL: TestRunFailsTheTest/Rules_cover_every_call",
		`verbs: ["update"]`,
	} {
		if !strings.Contains(string(output), want) {
			t.Errorf("output without %q:\n%s", want, output)
		}
	}
}
