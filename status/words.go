package status

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// Short returns a duration as kubectl does ("2m10s"), and below ten seconds with what matters there: "2.4s", "35ms", "0.4ms".
func Short(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d == 0 || d >= 10*time.Second:
		return duration.HumanDuration(d)
	case d >= time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%dms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1fms", float64(d)/float64(time.Millisecond))
}

// Size returns how many bytes there are: "312 B", "4.2 KiB".
func Size(bytes int) string {
	value, units := float64(bytes), []string{"B", "KiB", "MiB", "GiB"}
	for value >= 1024 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	if value >= 100 || units[0] == "B" {
		return fmt.Sprintf("%.0f %s", value, units[0])
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}

// Relative returns how long ago the time was, or how far ahead it is: "2m10s ago", "in 12s", "now".
func Relative(now, t time.Time) string {
	d := now.Sub(t).Round(time.Second)
	switch {
	case d > 0:
		return duration.HumanDuration(d) + " ago"
	case d < 0:
		return "in " + duration.HumanDuration(-d)
	}
	return "now"
}

// Causes returns why a key was queued, a line for each cause.
func Causes(r worker.Record) []string { return causes(r.Causes, r.CausesOmitted) }

// Pending returns why a key is in the queue, a line for each cause.
func Pending(s worker.KeyState) []string { return causes(s.Pending, s.PendingOmitted) }

func causes(list []worker.Cause, omitted int) []string {
	var lines []string
	for _, c := range list {
		lines = append(lines, cause(c))
	}
	if omitted > 0 {
		lines = append(lines, fmt.Sprintf("and %d more events", omitted))
	}
	return lines
}

// cause returns what a cause says, in words: its event is a name for programs.
func cause(c worker.Cause) string {
	object := strings.TrimSpace(c.Kind + " " + c.Object.String())
	text := string(c.Event)
	switch c.Event {
	case worker.Added:
		text = object + " was created"
	case worker.Updated:
		text = object + " changed"
	case worker.Deleted:
		text = object + " was deleted"
	case worker.Listed:
		text = object + " was in the first list"
	case worker.Resynced:
		text = object + " was resynced"
	case worker.Direct:
		text = "the controller asked for it"
	case worker.Allowed:
		text = "what was refused here was allowed for another key"
	case worker.TermBegan:
		text = "the term began"
	case worker.Retried:
		text = "retry after an error"
	case worker.LookedAgain:
		text = "it was to be looked at again"
	case worker.PutBack:
		text = "the end of a term cut its reconcile short"
	}
	if c.Count > 1 {
		text += fmt.Sprintf(" (%d times)", c.Count)
	}
	return text
}

// Writes returns what a reconcile wrote, a line for each kind of write: "create pods: 403 Forbidden (3 times)".
func Writes(r worker.Record) []string {
	var lines []string
	for _, w := range r.Writes {
		line := w.Verb + " " + w.Resource + ": no answer"
		if w.Code != 0 {
			line = strings.TrimSpace(fmt.Sprintf("%s %s: %d %s", w.Verb, w.Resource, w.Code, http.StatusText(w.Code)))
		}
		if w.Count > 1 {
			line += fmt.Sprintf(" (%d times)", w.Count)
		}
		lines = append(lines, line)
	}
	if r.WritesOmitted > 0 {
		lines = append(lines, fmt.Sprintf("and %d more writes", r.WritesOmitted))
	}
	return lines
}
