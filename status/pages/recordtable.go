package pages

import (
	"time"

	g "maragu.dev/gomponents"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/status"
)

// records makes tables of a controller's records, as seen at a time.
type records struct {
	now        time.Time
	controller string
}

func (r records) newest(list []worker.Record) g.Node {
	return r.table(caption("Newest records", g.Text(" "), note("of reconciles that have ended")), list,
		append([]column[worker.Record]{r.began(), r.key()}, r.story()...))
}

// ofKey shows records that are all of one key, which is not said in each.
func (r records) ofKey(list []worker.Record) g.Node {
	return r.table(caption("Records", g.Text(" "), note("of its reconciles, the newest first")), list,
		append([]column[worker.Record]{r.began()}, r.story()...))
}

func (r records) table(caption g.Node, list []worker.Record, columns []column[worker.Record]) g.Node {
	return cards("cards records", caption, heads(columns), rows(list, columns))
}

func (r records) slowest(list []worker.Record) g.Node {
	return table(caption("Slowest reconciles", g.Text(" "), note("of the records that are kept")), list,
		r.key(), took(), waited(),
		in("Result", func(r worker.Record) g.Node { return badge(r.Result) }),
		written(), r.began(),
	)
}

func (r records) began() column[worker.Record] {
	return in("Began", func(record worker.Record) g.Node { return ago(r.now, record.Started) }).tightly()
}

func (r records) key() column[worker.Record] {
	return in("Key", func(record worker.Record) g.Node { return keyLink(r.controller, record.Key) }).asName()
}

// story is how a reconcile came about and ended.
func (r records) story() []column[worker.Record] {
	return []column[worker.Record]{
		in("Result", result),
		in("Why it was queued", func(r worker.Record) g.Node { return lines(status.Causes(r)) }).shortly("Why"),
		written(), waited(), took(),
		in("Again", again).asNumber(),
	}
}

func written() column[worker.Record] {
	return in("What was written", func(r worker.Record) g.Node { return lines(status.Writes(r)) }).shortly("Written")
}

func waited() column[worker.Record] {
	return in("Waited", func(r worker.Record) g.Node { return short(r.Wait) }).asNumber()
}

func took() column[worker.Record] {
	return in("Took", func(r worker.Record) g.Node { return short(r.Duration) }).asNumber()
}

func result(r worker.Record) g.Node {
	if r.Blocked != "" {
		return g.Group{badge("blocked"), failure(r.Blocked)}
	}
	return g.Group{
		badge(r.Result),
		g.If(r.Failures > 1, g.Group{g.Text(" "), note("%d in a row", r.Failures)}),
		g.If(r.Error != "", failure(r.Error)),
	}
}

func again(r worker.Record) g.Node {
	if r.Again.Duration == 0 {
		return dash()
	}
	return g.Text("after " + status.Short(r.Again.Duration))
}
