package pages

import (
	"strconv"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// page is one page and what stands around it.
type page struct {
	title     string
	above     []g.Node // links to the pages above this one, beside the first
	self      address  // its own; empty where it is a problem, which can't be had anew or as JSON
	refreshes bool     // whether it comes anew every few seconds
	body      func() g.Node
	data      any // what it shows
}

// refreshSeconds is how often a page comes anew if its reader wants it to. By itself it doesn't: that would take readers who are read
// to, or who use the keyboard, away from where they are.
const refreshSeconds = 5

// frame returns the page as a document.
func (a assets) frame(p page) g.Node {
	return h.Doctype(h.HTML(h.Lang("en"),
		a.head(p),
		h.Body(
			h.A(h.Class("skip"), h.Href("#main"), g.Text("Skip to the content")),
			a.header(p),
			h.Main(h.ID("main"), p.body()),
			footer(time.Now()),
		),
	))
}

func (a assets) head(p page) g.Node {
	return h.Head(
		h.Meta(h.Charset("utf-8")),
		meta("viewport", "width=device-width, initial-scale=1"),
		meta("color-scheme", "light dark"),
		g.If(p.refreshes, h.Meta(g.Attr("http-equiv", "refresh"), h.Content(strconv.Itoa(refreshSeconds)))),
		h.TitleEl(g.Text(p.title+" · Wheelhouse")),
		h.Link(h.Rel("stylesheet"), h.Href(a.path("status.css"))),
		h.Link(h.Rel("icon"), h.Href(a.path("wheel.svg")), h.Type("image/svg+xml")),
	)
}

func meta(name, content string) g.Node { return h.Meta(h.Name(name), h.Content(content)) }

func (a assets) header(p page) g.Node {
	icon := h.Img(h.Src(a.path("wheel.svg")), h.Alt(""), h.Width("26"), h.Height("26"))
	return h.Header(
		h.A(h.Class("brand"), h.Href(string(home)), icon, g.Text("Wheelhouse")),
		h.Nav(h.Aria("label", "Breadcrumb"), h.Ol(
			g.Map(p.above, func(link g.Node) g.Node { return h.Li(link) }),
			h.Li(h.Aria("current", "page"), g.Text(p.title)),
		)),
		g.If(p.self != "", p.tools()),
	)
}

func (p page) tools() g.Node {
	refresh := link(p.self.refreshing(), g.Textf("Refresh every %d s", refreshSeconds))
	if p.refreshes {
		refresh = link(p.self, g.Text("Stop refreshing"))
	}
	return h.P(h.Class("tools"), refresh, link(p.self.asJSON(), g.Text("JSON")))
}

func footer(now time.Time) g.Node {
	return h.Footer(h.P(
		g.Text("As of "), h.Time(h.DateTime(iso(now)), g.Text(exact(now))), g.Text(". What each figure means: docs/status.md."),
	))
}
