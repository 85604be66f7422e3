package pages

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/6ead2ce0/wheelhouse/status"
)

// title heads a page, with a line below it.
func title(heading g.Node, below ...g.Node) g.Node {
	return h.Div(h.Class("title"), h.H1(heading), h.P(below...))
}

// section is a part of a page with a heading that names it, which is found by the id.
func section(class, id, heading string, shown ...g.Node) g.Node {
	return h.Section(g.If(class != "", h.Class(class)), h.Aria("labelledby", id), h.H2(h.ID(id), g.Text(heading)), g.Group(shown))
}

// facts are figures side by side, each with its name.
func facts(list ...g.Node) g.Node { return h.Dl(h.Class("facts"), g.Group(list)) }

func fact(name string, shown ...g.Node) g.Node { return h.Div(h.Dt(g.Text(name)), h.Dd(shown...)) }

// badFact is a count of what shouldn't be.
func badFact(name string, n int) g.Node { return fact(name, g.If(n > 0, h.Class("hot")), count(n)) }

func count(n int) g.Node { return g.Text(strconv.Itoa(n)) }

func short(d metav1.Duration) g.Node { return g.Text(status.Short(d.Duration)) }

func span(class, text string) g.Node { return h.Span(h.Class(class), g.Text(text)) }

// note is what is said beside a figure.
func note(format string, args ...any) g.Node { return span("note", fmt.Sprintf(format, args...)) }

// none is what stands where there is nothing.
func none(text string) g.Node { return span("none", text) }

func dash() g.Node { return none("–") }

// failure is what went wrong, as a program said it.
func failure(text string) g.Node { return h.P(h.Class("error"), g.Text(text)) }

// badge is a state or a result.
func badge[Word ~string](word Word) g.Node { return toned(tone(string(word)), string(word)) }

func toned(tone, word string) g.Node { return span("badge "+tone, word) }

// tone returns how good a state or result is. The page says it in words and by a sign as well.
func tone(word string) string {
	switch word {
	case "Running", "success":
		return "good"
	case "Waiting", "Blocked", "cancelled", "waiting":
		return "warn"
	case "Backoff", "error", "panic", "timeout", "dropped", "failing", "blocked":
		return "bad"
	}
	return "calm"
}

// who is the identity of a replica: the name of its host or pod, and less loud what makes it unique.
func who(identity string) g.Node {
	host, unique, _ := strings.Cut(identity, "_")
	return h.Span(h.Class("who"), h.Title(identity), g.Text(host), g.If(unique != "", span("unique", "_"+unique)))
}

// lines are sentences: one as it is, several as a list.
func lines(list []string) g.Node {
	switch len(list) {
	case 0:
		return dash()
	case 1:
		return g.Text(list[0])
	}
	return h.Ul(h.Class("lines"), items(list))
}

func items(list []string) g.Node {
	return g.Map(list, func(text string) g.Node { return h.Li(g.Text(text)) })
}

// ago says how long before or after now the time is.
func ago(now, t time.Time) g.Node {
	if t.IsZero() {
		return none("never")
	}
	return h.Time(h.DateTime(iso(t)), h.Title(exact(t)), g.Text(status.Relative(now, t)))
}

func iso(t time.Time) string   { return t.UTC().Format(time.RFC3339) }
func exact(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
