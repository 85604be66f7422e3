package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"golang.org/x/net/html"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
	"github.com/6ead2ce0/wheelhouse/status/pages"
)

// Names and messages come from whoever may create an object. Whatever they hold, a browser finds in a page the elements, attributes and
// links that it would find were they plain, and finds them as its text.
func TestNamesThatHoldHTML(t *testing.T) {
	evil := []string{
		`<script>alert(1)<!--`, `</title></p></td></table><script>alert(1)</script>`, `" onmouseover="alert(1)`, `' autofocus onfocus='alert(1)`,
		`"><img src=x onerror=alert(1)>`, "`${alert(1)}`", `&lt;script&gt;`, `&#34; onclick=&#34;alert(1)`, `a?format=json#b`, `%22%3E%41`,
		`javascript:alert(1)`, `//evil.example`, `\\evil.example`, `https:evil.example`, `{{.}}`, `日本"語'`,
	}
	for _, name := range evil {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{
				"/", "/?format=QUERY", "/controllers/NAME", "/controllers/NAME?refresh", "/controllers/NAME/keys/shop/NAME", "/controllers/missing-NAME",
			} {
				synctest.Test(t, func(t *testing.T) { wantAsText(t, path, name) })
			}
		})
	}
}

func wantAsText(t *testing.T, path, name string) {
	t.Helper()
	if strings.Contains(name, "/") && strings.Contains(path, "/shop/NAME") {
		return // no key has such a name
	}
	plain, got := visit(t, path, "plain"), visit(t, path, name)
	if diff := cmp.Diff(plain.elements, got.elements); diff != "" {
		t.Errorf("%q changes the page (-plain +got)\n%s", path, diff)
	}
	if diff := cmp.Diff(strings.ReplaceAll(plain.text, "plain", name), unquote(got.text, name)); diff != "" {
		t.Errorf("%q shows something else than the name as it is (-plain +got)\n%s", path, diff)
	}
	if diff := cmp.Diff(plain.linksWith(url.PathEscape(name)), got.links); diff != "" {
		t.Errorf("%q leads elsewhere (-plain +got)\n%s", path, diff)
	}
}

// unquote undoes what problems do to the name that they quote.
func unquote(text, name string) string {
	quoted := strconv.Quote(name)
	return strings.ReplaceAll(text, quoted[1:len(quoted)-1], name)
}

// visit returns what a browser makes of the page of a process where everything has this name. NAME stands for it in the path,
// QUERY in the query.
func visit(t *testing.T, path, name string) outline {
	t.Helper()
	path = strings.NewReplacer("NAME", url.PathEscape(name), "QUERY", url.QueryEscape(name)).Replace(path)
	answer := get(everywhere(t, name), path)
	document, err := html.Parse(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var o outline
	o.add(document)
	return o
}

// outline is what a document is made of.
type outline struct {
	elements []string // with the names of their attributes
	links    []string // values of the attributes that lead somewhere
	text     string   // of all texts, and of attributes that are read
}

// linksWith returns where they lead with the escaped name in place of the plain one.
func (o *outline) linksWith(name string) []string {
	links := slices.Clone(o.links)
	for i := range links {
		links[i] = strings.ReplaceAll(links[i], "plain", name)
	}
	return links
}

func (o *outline) add(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		o.text += n.Data + "\n"
	case html.ElementNode, html.CommentNode, html.DoctypeNode:
		o.addElement(n)
	}
	for child := range n.ChildNodes() {
		o.add(child)
	}
}

func (o *outline) addElement(n *html.Node) {
	element := n.Data
	if n.Type == html.CommentNode {
		element = "comment"
	}
	for _, a := range n.Attr {
		element += " " + a.Key
		switch a.Key {
		case "href", "src", "action":
			o.links = append(o.links, a.Val)
		case "title":
			o.text += a.Val + "\n"
		case "class", "http-equiv", "content", "role", "data-label":
			element += "=" + a.Val
		}
	}
	o.elements = append(o.elements, element)
}

// everywhere returns the pages of a process whose every name and message is this one.
func everywhere(t *testing.T, name string) http.Handler {
	t.Helper()
	f, now := troubled(), time.Now()
	f.work.OldestKey.Name = name
	for _, list := range [][]worker.KeyState{f.failing, f.blocked} {
		s := &list[0]
		s.Key.Name, s.LastError, s.Blocked = name, name, name
		s.Pending = []worker.Cause{{Event: worker.Event(name)}}
	}
	for i := range f.records {
		r := &f.records[i]
		r.Key.Name, r.Error, r.Blocked, r.Result = name, name, "", name
		r.Causes[0].Object.Name, r.Causes[0].Kind = name, name
		r.Writes = []worker.Write{{Verb: name, Resource: name, Code: 200}}
	}
	f.records[0].Blocked = name
	f.work.LastError = &f.records[0]
	handler, err := pages.NewHandler(status.Config{
		Version: name, Identity: name, Started: now, Manager: named{fake: f, name: name},
		Leases: func() []status.Lease {
			return []status.Lease{{Name: name, Holder: "other" + name, Since: now, Renewed: now, Controllers: []string{name}}}
		},
		Replicas: func() []string { return []string{"another" + name} },
	}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// named is a manager whose every name and message is the one.
type named struct {
	fake
	name string
}

func (n named) Statuses() []manager.Status {
	return []manager.Status{{Controller: n.name, State: manager.State(n.name), Reason: n.name, Stale: n.name}}
}

func (n named) Inspector(string) manager.Inspector { return n.fake }

func (n named) Caches() []manager.Cache { return []manager.Cache{{Resource: n.name, Error: n.name}} }
