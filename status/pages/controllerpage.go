package pages

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/status"
)

// controllerPage shows a controller: its figures, its failing and blocked keys, its newest and its slowest records.
type controllerPage struct{ status.ControllerDetail }

func (p controllerPage) body() g.Node {
	list := records{p.Time, p.Controller.Controller}
	return g.Group{
		title(g.Text(list.controller), p.subtitle()),
		p.work(),
		g.If(len(p.Failing) > 0, p.failing()),
		g.If(len(p.Blocked) > 0, p.blocked()),
		g.If(len(p.Records) > 0, list.newest(p.Records)),
		g.If(len(p.Slowest) > 0, list.slowest(p.Slowest)),
	}
}

func (p controllerPage) subtitle() g.Node {
	elsewhere := p.Lease != nil && !p.Lease.Leads && p.Lease.Holder != ""
	return g.Group{
		badge(p.State), g.Text(" since "), ago(p.Time, p.Since),
		g.If(p.Reason != "", g.Text(": "+p.Reason)),
		g.If(p.Stale != "", g.Text(". Its caches are old: "+p.Stale)),
		g.Iff(elsewhere, func() g.Node { return g.Group{g.Text(". "), who(p.Lease.Holder), g.Text(" runs it")} }),
	}
}

func (p controllerPage) work() g.Node {
	if p.Work == nil {
		return h.P(g.Text("This controller can’t be looked into: it doesn’t show its worker."))
	}
	return g.Group{p.facts(*p.Work), lookUp(p.Controller.Controller)}
}

func (p controllerPage) facts(work worker.Inspection) g.Node {
	longest := dash()
	if work.OldestKey.Name != "" {
		longest = oldest(p.Controller.Controller, work)
	}
	return facts(
		fact("Workers busy", g.Textf("%d of %d", work.Busy, work.Workers)),
		fact("In the queue", count(work.Depth)),
		fact("Oldest key", longest),
		badFact("Failing", work.Failing),
		badFact("Blocked", work.Blocked),
		fact("To look at again", count(work.Delayed)),
		fact("Reconciles a minute", count(work.Reconciles)),
		badFact("Errors a minute", work.Errors),
		fact("Last success", ago(p.Time, work.LastSuccess)),
	)
}

// lookUp is the form that leads to any key.
func lookUp(controller string) g.Node {
	return h.Form(h.Action(string(lookUpAddress(controller))),
		h.Label(h.For("key"), g.Text("Look up a key")),
		h.Input(h.ID("key"), h.Name("key"), h.Required(), h.Placeholder("NAMESPACE/NAME"),
			h.AutoComplete("off"), g.Attr("autocapitalize", "off"), g.Attr("spellcheck", "false")),
		h.Button(g.Text("Show")),
	)
}
