package pages

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/6ead2ce0/wheelhouse/status"
)

// leadership is the table of the leases.
func (p processPage) leadership() g.Node {
	columns := []column[status.Lease]{
		in("Lease", func(l status.Lease) g.Node { return g.Text(l.Name) }).asName(),
		in("Leader", leader),
		in("Since", whereHeld(func(l status.Lease) g.Node { return ago(p.Time, l.Since) })).tightly(),
		in("Renewed", whereHeld(p.renewed)).tightly(),
	}
	if len(p.Leases) == 0 {
		return cards("cards", caption("Leadership"), heads(columns),
			row(h.Td(h.Role("cell"), h.ColSpan("4"), g.Text("Without leader election, this process leads."))))
	}
	return table(caption("Leadership"), p.Leases, columns...)
}

func leader(l status.Lease) g.Node {
	if l.Holder == "" {
		return none("nobody")
	}
	return g.Group{who(l.Holder), g.If(l.Leads, g.Group{g.Text(" "), note("(this one)")})}
}

func (p processPage) renewed(l status.Lease) g.Node {
	return g.Group{ago(p.Time, l.Renewed), g.If(l.Expired, g.Group{g.Text(" "), toned("bad", "expired")})}
}

// whereHeld returns what to show of a lease that somebody holds, and of others nothing.
func whereHeld(cell func(status.Lease) g.Node) func(status.Lease) g.Node {
	return func(l status.Lease) g.Node {
		if l.Holder == "" {
			return dash()
		}
		return cell(l)
	}
}
