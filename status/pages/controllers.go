package pages

import (
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/status"
)

// working is what a controller is doing.
type working struct {
	controller string
	worker.Inspection
}

// controllers is the table of them. One that can't be looked into says so in one cell in place of those of its work.
func (p processPage) controllers() g.Node {
	states, works := p.stateColumns(), p.workColumns()
	return cards("cards", caption("Controllers"), g.Group{heads(states), heads(works)},
		g.Map(p.Controllers, func(c status.Controller) g.Node {
			if c.Work == nil {
				return row(cells(states, c), unseen(len(works)))
			}
			return row(cells(states, c), cells(works, working{c.Controller, *c.Work}))
		}))
}

func unseen(columns int) g.Node {
	return h.Td(h.Role("cell"), h.Data("label", "Work"), h.ColSpan(strconv.Itoa(columns)), none("can’t be looked into"))
}

func (p processPage) stateColumns() []column[status.Controller] {
	return []column[status.Controller]{
		in("Name", func(c status.Controller) g.Node { return controllerLink(c.Controller) }).asName(),
		in("State", p.state),
	}
}

func (p processPage) state(c status.Controller) g.Node {
	return g.Group{
		badge(c.State), g.Text(" "), h.Span(h.Class("note"), ago(p.Time, c.Since)),
		g.If(c.Reason != "", h.P(h.Class("note"), g.Text(c.Reason))),
		g.If(c.Stale != "", h.P(h.Class("note"), g.Text("old caches: "+c.Stale))),
	}
}

func (p processPage) workColumns() []column[working] {
	return []column[working]{
		in("Workers busy", busy),
		in("Queue", queue).asNumber(),
		badCounting("Failing keys", func(w working) int { return w.Failing }),
		badCounting("Blocked keys", func(w working) int { return w.Blocked }),
		counting("Reconciles a minute", func(w working) int { return w.Reconciles }).shortly("Reconciles/min"),
		badCounting("Errors a minute", func(w working) int { return w.Errors }).shortly("Errors/min"),
		in("Last success", func(w working) g.Node { return ago(p.Time, w.LastSuccess) }),
		in("Last error", p.lastError),
	}
}

func busy(w working) g.Node {
	meter := h.Meter(h.Min("0"), h.Max(strconv.Itoa(w.Workers)), h.Value(strconv.Itoa(w.Busy)), h.Aria("hidden", "true"))
	return g.Group{meter, g.Textf(" %d of %d", w.Busy, w.Workers)}
}

func queue(w working) g.Node {
	if w.OldestKey.Name == "" {
		return count(w.Depth)
	}
	return g.Group{count(w.Depth), g.Text(" "), h.Span(h.Class("note"), g.Text("oldest "), oldest(w.controller, w.Inspection))}
}

// oldest is for how long the key has been ready that has been so longest, with a link to it.
func oldest(controller string, i worker.Inspection) g.Node {
	return link(keyAddress(controller, i.OldestKey), h.Title(i.OldestKey.String()), short(i.Oldest))
}

func (p processPage) lastError(w working) g.Node {
	if w.LastError == nil {
		return none("never")
	}
	return g.Group{ago(p.Time, w.LastError.Started), g.Text(" "), h.Span(h.Class("note"), keyLink(w.controller, w.LastError.Key))}
}
