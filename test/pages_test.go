package test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// page is a page of the documentation.
type page struct {
	path  string   // from the root
	prose string   // without code
	code  []string // what is in fences by lines, and what is between backquotes
}

var (
	fences = regexp.MustCompile("(?ms)^( *)```.*?^ *```")
	spans  = regexp.MustCompile("`[^`\n]+`")
	links  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// pages returns the pages of the documentation, sorted.
func (t tree) pages() []page {
	var list []page
	for name, text := range t.files {
		if path.Ext(name) != ".md" || strings.Contains(name, "testdata/") {
			continue
		}
		p := page{path: name}
		for _, block := range fences.FindAllString(text, -1) {
			p.code = append(p.code, strings.Split(strings.ReplaceAll(block, "\\\n", " "), "\n")[1:]...)
		}
		text = fences.ReplaceAllString(text, "")
		for _, span := range spans.FindAllString(text, -1) {
			p.code = append(p.code, strings.Trim(span, "`"))
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "    ") {
				p.code = append(p.code, strings.TrimSpace(line))
			}
		}
		p.prose = spans.ReplaceAllStringFunc(text, func(span string) string { return strings.Trim(span, "`") })
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b page) int { return strings.Compare(a.path, b.path) })
	return list
}

// anchors returns what links can end in after #: the headings, as GitHub writes them.
func (p page) anchors() []string {
	var list []string
	for line := range strings.Lines(p.prose) {
		heading := strings.TrimLeft(line, "#")
		if len(heading) == len(line) || !strings.HasPrefix(heading, " ") {
			continue
		}
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading))
		unique := anchor
		for i := 1; slices.Contains(list, unique); i++ {
			unique = anchor + "-" + strconv.Itoa(i)
		}
		list = append(list, unique)
	}
	return list
}

func linksResolve() convention {
	return convention{
		name:   "links between pages lead somewhere",
		reason: "a reader who follows a link into nothing doesn't follow the next",
		violations: func(t tree) []string {
			anchors := map[string][]string{}
			for _, p := range t.pages() {
				anchors[p.path] = p.anchors()
			}
			var wrong []string
			for _, p := range t.pages() {
				for _, link := range links.FindAllStringSubmatch(p.prose, -1) {
					if !t.resolves(p.path, link[1], anchors) {
						wrong = append(wrong, fmt.Sprintf("%s links to %s", p.path, link[1]))
					}
				}
			}
			return wrong
		},
		broken: []files{
			{"docs/a.md": "[b](b.md)"},
			{"docs/a.md": "[b](../b.md)", "docs/b.md": ""},
			{"docs/a.md": "![b](images/b.png)", "docs/images/c.png": ""},
			{"docs/a.md": "[b](b.md#of-it)", "docs/b.md": "# Of this"},
			{"docs/a.md": "# Of it\n[a](#of-this)"},
			{"docs/a.md": "```\n# Of this\n```\n[a](#of-this)"},
		},
		kept: []files{
			{"docs/a.md": "[b](b.md#the-b-of-it), [c](../c), [there](https://example.test/b.md)", "docs/b.md": "## The `b` of it!", "c/d.go": "package c"},
			{"docs/a.md": "# Same\n# Same\n[second](#same-1)\n```\n[code](nowhere.md)\n```"},
			{"docs/a.md": "![b](images/b.png)", "docs/images/b.png": ""},
		},
	}
}

// resolves reports whether the link in the page leads to a file, a folder or a heading, or out of the tree.
func (t tree) resolves(from, link string, anchors map[string][]string) bool {
	if strings.Contains(link, "://") {
		return true
	}
	name, anchor, hasAnchor := strings.Cut(link, "#")
	target := from
	if name != "" {
		target = path.Join(path.Dir(from), name)
	}
	if hasAnchor {
		return slices.Contains(anchors[target], anchor)
	}
	for file := range t.files {
		if under(file, target) {
			return true
		}
	}
	return false
}

func pagesAreListed() convention {
	return convention{
		name:   "each page in docs is listed in README.md",
		reason: "a page to which nothing leads isn't read, and grows old",
		violations: func(t tree) []string {
			var wrong []string
			for _, p := range t.pages() {
				listed := strings.Contains(t.files["README.md"], "("+p.path+")")
				if path.Dir(p.path) == "docs" && !listed {
					wrong = append(wrong, p.path+" is not listed")
				}
			}
			return wrong
		},
		broken: []files{{"docs/a.md": "", "README.md": "docs/a.md"}, {"docs/a.md": ""}},
		kept:   []files{{"docs/a.md": "", "docs/further/b.md": "", "README.md": "[a](docs/a.md)"}},
	}
}

func figuresAreMeasured() convention {
	return convention{
		name:   "seconds that README.md states are in docs/availability.md",
		reason: "a figure that was measured once and is measured otherwise now is no figure",
		violations: func(t tree) []string {
			var wrong []string
			for _, figure := range regexp.MustCompile(`\d+\.\d+ s\b`).FindAllString(t.files["README.md"], -1) {
				if !strings.Contains(t.files["docs/availability.md"], " "+figure+" ") {
					wrong = append(wrong, "README.md: "+figure)
				}
			}
			return wrong
		},
		broken: []files{
			{"README.md": "| 0.17 s |"}, {"README.md": "| 0.17 s |", "docs/availability.md": "| 10.17 s |"},
		},
		kept: []files{{"README.md": "| 0.17 s |, 5 s", "docs/availability.md": "| 0.17 s | 3 s |"}},
	}
}
