package pages

import (
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/6ead2ce0/wheelhouse/status"
)

// processPage shows a process: what needs attention, its controllers, who leads, its caches.
type processPage struct{ status.Process }

func (p processPage) body() g.Node {
	return g.Group{
		title(who(p.Identity), g.Text(p.Role())),
		p.attention(),
		p.facts(),
		p.controllers(),
		h.Div(h.Class("pair"), p.leadership(), p.caches()),
		section("", "replicas", "Replicas known", h.Ul(h.Class("replicas"), g.Map(p.Replicas, replica))),
	}
}

// attention is what a person should look at, or that there is nothing.
func (p processPage) attention() g.Node {
	troubles := p.Troubles()
	switch {
	case len(troubles) > 0:
		return section("troubles", "troubles", "Needs attention", h.Ul(g.Map(troubles, trouble)))
	case p.Leads():
		return h.P(h.Class("fine"), g.Text("Nothing needs attention."))
	}
	return h.P(h.Class("fine"), g.Text("Nothing needs attention here. What the controllers do, their leader tells."))
}

func trouble(t status.Trouble) g.Node {
	why := g.If(t.Why != "", failure(t.Why))
	if t.Key.Name == "" {
		return h.Li(h.P(h.Strong(g.Text(t.Controller+": "+t.What))), why)
	}
	return h.Li(
		h.P(
			h.Strong(controllerLink(t.Controller), g.Text(": "+t.What)),
			g.Text(", first of all "), keyLink(t.Controller, t.Key),
		),
		why,
	)
}

func (p processPage) facts() g.Node {
	uptime := h.Time(h.DateTime(iso(p.Started)), h.Title("since "+exact(p.Started)), g.Text(status.Short(p.Uptime.Duration)))
	return facts(
		fact("Version", g.Text(p.Version)),
		fact("Up for", uptime),
		fact("Controllers", count(len(p.Controllers))),
		fact("Objects cached", count(p.Objects())),
		fact("Replicas known", count(len(p.Replicas))),
	)
}

func replica(r status.Replica) g.Node {
	var does []string
	if r.Self {
		does = append(does, "this one")
	}
	switch {
	case len(r.Leads) > 0:
		does = append(does, "runs "+strings.Join(r.Leads, ", "))
	case !r.Self:
		does = append(does, "runs nothing")
	}
	return h.Li(who(r.Identity), g.Text(" "), note("%s", strings.Join(does, ", ")))
}
