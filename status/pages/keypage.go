package pages

import (
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/6ead2ce0/wheelhouse/status"
)

// keyPage shows a key: why it is not done, and its records.
type keyPage struct{ status.KeyDetail }

func (p keyPage) body() g.Node {
	return g.Group{
		title(g.Text(p.Key.String()), p.subtitle()),
		p.answer(),
		p.facts(),
		p.pending(),
		p.records(),
	}
}

func (p keyPage) subtitle() g.Node {
	return g.Group{p.trouble(), badge(p.State), g.Text(" of "), controllerLink(p.Controller.Controller)}
}

// trouble is in which kind of it the key is, or nil.
func (p keyPage) trouble() g.Node {
	switch {
	case p.Done():
		return nil
	case p.Failures > 0:
		return g.Group{badge("failing"), g.Text(" ")}
	case p.Blocked != "":
		return g.Group{badge("blocked"), g.Text(" ")}
	}
	return g.Group{badge("dropped"), g.Text(" ")}
}

func (p keyPage) answer() g.Node {
	class, heading := "answer", "How it is"
	if !p.Done() {
		class, heading = "answer bad", "Why it is not done"
	}
	return section(class, "answer", heading,
		h.P(g.Text(strings.Join(p.Answer(), " "))),
		g.If(p.Reason() != "", failure(p.Reason())),
	)
}

func (p keyPage) facts() g.Node {
	next := "Looked at again"
	if p.Failures > 0 {
		next = "Next try"
	}
	return facts(
		fact("State", g.Text(string(p.State))),
		g.If(!p.Since.IsZero(), fact("Since", ago(p.Time, p.Since))),
		g.If(!p.Due.IsZero(), fact(next, ago(p.Time, p.Due))),
		badFact("Failures in a row", p.Failures),
		g.If(p.Failures > 0, fact("Failing since", ago(p.Time, p.FailingSince))),
		g.If(p.Blocked != "", fact("Blocked since", ago(p.Time, p.BlockedSince))),
		fact("Controller", g.Text(string(p.Controller.State))),
	)
}

func (p keyPage) pending() g.Node {
	causes := status.Pending(p.KeyState)
	if len(causes) == 0 {
		return nil
	}
	return section("", "pending", "Why it is in the queue", h.Ul(items(causes)))
}

func (p keyPage) records() g.Node {
	if len(p.Records) == 0 {
		return h.P(h.Class("note"), g.Text("There is no record of it."))
	}
	return g.Group{
		records{p.Time, p.Controller.Controller}.ofKey(p.Records),
		g.If(p.RecordsOmitted > 0, h.P(h.Class("note"), g.Textf("And %d older records.", p.RecordsOmitted))),
	}
}
