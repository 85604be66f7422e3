package controllertest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"
)

// witness sees what a controller does.
type witness struct {
	trial *trial
	given []string // names of objects that the trial began with
	mu    sync.Mutex
	seen  []string // guarded by mu
}

func newWitness(tr *trial) *witness {
	return &witness{trial: tr, given: tr.server.named()}
}

func (w *witness) see(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, fmt.Sprintf(format, args...))
}

// recorder takes down events.
type recorder struct {
	witness *witness
	canary  *canaryEvents
}

// Event is for package record.
func (r recorder) Event(about runtime.Object, eventType, reason, message string) {
	r.witness.see("event %s %s %s", eventType, reason, message)
	r.canary.keep(about, eventType, reason, message)
}

// Eventf is for package record.
func (r recorder) Eventf(about runtime.Object, eventType, reason, format string, args ...any) {
	r.Event(about, eventType, reason, fmt.Sprintf(format, args...))
}

// AnnotatedEventf is for package record.
func (r recorder) AnnotatedEventf(about runtime.Object, _ map[string]string, eventType, reason, format string, args ...any) {
	r.Eventf(about, eventType, reason, format, args...)
}

// metrics takes down the values of all metrics but the work queue's: how often a key is queued and put off depends on which goroutine is
// first, and so on how much there is to copy of a pod.
func (w *witness) metrics() {
	families, err := w.trial.Registry.Gather()
	if err != nil {
		w.see("metrics can't be gathered: %v", err)
	}
	for _, family := range families {
		if strings.HasPrefix(family.GetName(), "workqueue_") {
			continue
		}
		for _, m := range family.GetMetric() {
			w.see("metric %s%v %s", family.GetName(), m.GetLabel(), valueOf(m))
		}
	}
}

func valueOf(m *dto.Metric) string {
	value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetHistogram().GetSampleSum() + m.GetSummary().GetSampleSum()
	return fmt.Sprintf("%v, %d samples", value, m.GetHistogram().GetSampleCount()+m.GetSummary().GetSampleCount())
}

// facts returns all that was seen, without what differs from one trial to the next by chance: the names, UIDs and versions of what the
// controller made.
func (w *witness) facts() map[string]bool {
	for _, action := range w.trial.API.Actions() {
		if isWrite(action.GetVerb()) {
			w.see("%s %s", callOf(action), bodyOf(action))
		}
	}
	for _, entry := range w.trial.Logs.All() {
		w.see("log %s %q %v", entry.Level, entry.Message, entry.ContextMap())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	facts, made := map[string]bool{}, w.madeNames()
	for _, text := range w.seen {
		facts[chance().ReplaceAllString(made.Replace(text), "…")] = true
	}
	return facts
}

// chance matches UIDs of the server, and versions.
func chance() *regexp.Regexp {
	return regexp.MustCompile(`00000000-0000-4000-8000-[0-9]{12}|"resourceVersion":"[0-9]+"`)
}

// madeNames replaces the names of objects that came in the trial.
func (w *witness) madeNames() *strings.Replacer {
	made := slices.DeleteFunc(w.trial.server.named(), func(name string) bool { return slices.Contains(w.given, name) })
	slices.SortFunc(made, func(a, b string) int { return len(b) - len(a) }) // a name may begin with another
	var pairs []string
	for _, name := range made {
		pairs = append(pairs, name, "…")
	}
	return strings.NewReplacer(pairs...)
}

// bodyOf returns what the action sends.
func bodyOf(action clienttesting.Action) string {
	name := ""
	if named, ok := action.(interface{ GetName() string }); ok {
		name = named.GetName()
	}
	var body any
	switch a := action.(type) {
	case interface{ GetPatch() []byte }:
		return name + " " + string(a.GetPatch())
	case interface{ GetObject() runtime.Object }:
		body = a.GetObject()
	case interface{ GetDeleteOptions() metav1.DeleteOptions }:
		body = a.GetDeleteOptions()
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err.Error()
	}
	return action.GetNamespace() + "/" + name + " " + string(text)
}
