package pages

import (
	"net/url"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// address is where a page is. All that are linked to are made in this file: of our own words, and of names that are escaped as parts of
// a path. So none leads to another site or runs a script, whatever a name holds.
type address string

const home address = "/"

func controllerAddress(controller string) address {
	return home + "controllers/" + segment(controller)
}

// lookUpAddress is where the form asks for a key.
func lookUpAddress(controller string) address { return controllerAddress(controller) + "/keys/" }

func keyAddress(controller string, key worker.Ref) address {
	to := lookUpAddress(controller)
	if key.Namespace != "" {
		to += segment(key.Namespace) + "/"
	}
	return to + segment(key.Name)
}

func segment(name string) address { return address(url.PathEscape(name)) }

// refreshing returns where the page comes anew by itself, and asJSON where what it shows is for programs.
func (a address) refreshing() address { return a + "?refresh" }
func (a address) asJSON() address     { return a + "?format=json" }

// link returns a link with what it shows, which may begin with further attributes.
func link(to address, shown ...g.Node) g.Node {
	return h.A(h.Href(string(to)), g.Group(shown))
}

func controllerLink(controller string) g.Node {
	return link(controllerAddress(controller), g.Text(controller))
}

func keyLink(controller string, key worker.Ref) g.Node {
	return h.A(h.Class("key"), h.Href(string(keyAddress(controller, key))), g.Text(key.String()))
}
