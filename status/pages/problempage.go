package pages

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// problemPage says why there is no page.
func problemPage(heading, why string) page {
	return page{title: heading, body: func() g.Node {
		return g.Group{
			title(g.Text(heading), g.Text(why)),
			h.P(link(home, g.Text("All controllers of this process"))),
		}
	}}
}
