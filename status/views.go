package status

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

//go:embed templates/*.html
var templateFiles embed.FS

// views are the templates, each page with the frame around it.
type views struct {
	pages  map[string]*template.Template
	assets assets
}

// page is one page and what stands around it.
type page struct {
	name, title string
	above       []link // the pages above this one, beside the first
	self, json  string // its own address, and that of the same as JSON; empty where there is none
	refresh     bool   // whether it comes anew every few seconds
	data        any
}

type link struct{ Text, Path string }

// refreshSeconds is how often a page comes anew if its reader wants it to. By itself it doesn't: that would take readers who are read
// to, or who use the keyboard, away from where they are.
const refreshSeconds = 5

func newViews() (views, error) {
	assets, err := newAssets()
	if err != nil {
		return views{}, err
	}
	v := views{pages: map[string]*template.Template{}, assets: assets}
	for _, name := range []string{"process.html", "controller.html", "key.html", "problem.html"} {
		v.pages[name], err = template.New("frame.html").Funcs(functions()).
			ParseFS(templateFiles, "templates/frame.html", "templates/parts.html", "templates/"+name)
		if err != nil {
			return views{}, fmt.Errorf("parse %s: %w", name, err)
		}
	}
	return v, nil
}

// framed is what the templates get.
type framed struct {
	Now                     time.Time
	Title                   string
	Above                   []link
	Self, JSON, Style, Icon string
	Refresh                 int // seconds; 0 for never
	Data                    any
}

func (v views) write(out io.Writer, p page) error {
	f := framed{
		Now: time.Now(), Title: p.title, Above: p.above, Self: p.self, JSON: p.json,
		Style: v.assets.path("status.css"), Icon: v.assets.path("wheel.svg"), Data: p.data,
	}
	if p.refresh {
		f.Refresh = refreshSeconds
	}
	return v.pages[p.name].Execute(out, f)
}

// functions are those that the templates call.
func functions() template.FuncMap {
	return template.FuncMap{
		"short":          Short,
		"size":           Size,
		"at":             func(now, t time.Time) moment { return moment{now, t} },
		"keyLink":        func(controller string, key worker.Ref) link { return link{key.String(), keyPath(controller, key)} },
		"controllerPath": controllerPath,
		"records": func(now time.Time, controller string, list []worker.Record, of bool) recordTable {
			return recordTable{now, controller, list, of}
		},
		"causes":  Causes,
		"writes":  Writes,
		"pending": Pending,
		"who":     splitIdentity,
		"tone":    tone,
	}
}

// recordTable is what the table of records shows.
type recordTable struct {
	Now        time.Time
	Controller string
	Records    []worker.Record
	WithKeys   bool // false where all are of one key
}

// moment is a time as seen from the time of the page.
type moment struct{ now, time time.Time }

func (m moment) IsZero() bool  { return m.time.IsZero() }
func (m moment) ISO() string   { return m.time.UTC().Format(time.RFC3339) }
func (m moment) Exact() string { return m.time.UTC().Format("2006-01-02 15:04:05 UTC") }

// Relative returns "12s ago" or "in 12s".
func (m moment) Relative() string { return Relative(m.now, m.time) }
