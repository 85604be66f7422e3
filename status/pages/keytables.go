package pages

import (
	"fmt"

	g "maragu.dev/gomponents"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func (p controllerPage) failing() g.Node {
	which := "those with most failures in a row"
	if p.Work != nil {
		which += fmt.Sprintf(", of %d", p.Work.Failing)
	}
	return table(caption("Failing keys", g.Text(" "), note("%s", which)), p.Failing,
		p.keys(),
		counting("In a row", func(s worker.KeyState) int { return s.Failures }),
		in("Since", func(s worker.KeyState) g.Node { return ago(p.Time, s.FailingSince) }).tightly(),
		in("Last error", func(s worker.KeyState) g.Node { return failure(s.LastError) }),
		in("Next try", p.next).tightly(),
	)
}

func (p controllerPage) blocked() g.Node {
	which := "reconciled without an error, and something keeps that from doing all it should"
	if p.Work != nil {
		which += fmt.Sprintf("; %d in all", p.Work.Blocked)
	}
	return table(caption("Blocked keys", g.Text(" "), note("%s", which)), p.Blocked,
		p.keys(),
		in("Since", func(s worker.KeyState) g.Node { return ago(p.Time, s.BlockedSince) }).tightly(),
		in("What is in the way", func(s worker.KeyState) g.Node { return failure(s.Blocked) }).shortly("In the way"),
		in("Next look", p.next).tightly(),
	)
}

func (p controllerPage) keys() column[worker.KeyState] {
	return in("Key", func(s worker.KeyState) g.Node { return keyLink(p.Controller.Controller, s.Key) }).asName()
}

// next is when a key is reconciled next, or why that is not known.
func (p controllerPage) next(s worker.KeyState) g.Node {
	if s.State == worker.Waiting {
		return ago(p.Time, s.Due)
	}
	return g.Text(string(s.State))
}
