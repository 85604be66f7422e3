package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// written is where the chart has the dashboards.
const written = "../../charts/wheelhouse/dashboards"

func TestDashboardsAreFresh(t *testing.T) {
	want := all()
	paths, err := filepath.Glob(filepath.Join(written, "*"))
	if err != nil || len(paths) != len(want) {
		t.Errorf("the chart has %q (%v), want %d dashboards", paths, err, len(want))
	}
	for name, builder := range want {
		text, err := encode(builder)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(written, name))
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s is stale (%v): run make generate", name, err)
		}
	}
}

// boardJSON is what a test looks at in a dashboard, as Grafana gets it.
type boardJSON struct {
	ID         *int
	UID, Title string
	Tags       []string
	Templating struct {
		List []struct{ Name, Type, Query string }
	}
	Panels []panelJSON
}

type panelJSON struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct {
		Expr, LegendFormat string
		Datasource         struct{ UID string }
	}
}

func boards(t *testing.T) []boardJSON {
	t.Helper()
	var list []boardJSON
	for name, builder := range all() {
		text, err := encode(builder)
		if err != nil {
			t.Fatal(err)
		}
		var b boardJSON
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		list = append(list, b)
	}
	return list
}

// panels returns those that show something: rows don't.
func (b boardJSON) panels() []panelJSON {
	return slices.DeleteFunc(slices.Clone(b.Panels), func(p panelJSON) bool { return p.Type == "row" })
}

func TestDashboardsCanBeTold(t *testing.T) {
	known := map[string]bool{}
	for _, b := range boards(t) {
		if b.UID == "" || known[b.UID] || b.ID != nil {
			t.Errorf("%s has the uid %q, and the ID %v of some Grafana", b.Title, b.UID, b.ID)
		}
		known[b.UID] = true
		if !slices.Contains(b.Tags, tag) {
			t.Errorf("%s has no tag %s, by which the others lead to it", b.Title, tag)
		}
		ids := map[int]bool{}
		for _, p := range b.Panels {
			if p.ID == 0 || ids[p.ID] {
				t.Errorf("%s: the panel %s has the ID %d, like another one", b.Title, p.Title, p.ID)
			}
			ids[p.ID] = true
		}
	}
}

func TestVariables(t *testing.T) {
	for _, b := range boards(t) {
		var names []string
		for _, v := range b.Templating.List {
			names = append(names, v.Name)
		}
		want := []string{"datasource", "cluster", "namespace", "job", "pod"}
		if b.UID == controllerUID {
			want = append(want, "controller")
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s has the variables %q, want %q", b.Title, names, want)
		}
	}
}

func TestPanelsSayWhatTheyShow(t *testing.T) {
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" {
				t.Errorf("%s: the panel %q has the unit %q and the description %q", b.Title, p.Title, p.FieldConfig.Defaults.Unit, p.Description)
			}
			if !strings.HasSuffix(p.Description, ".") {
				t.Errorf("%s: the description of %s is no sentence: %s", b.Title, p.Title, p.Description)
			}
			if len(p.Targets) == 0 {
				t.Errorf("%s: the panel %s shows nothing", b.Title, p.Title)
			}
			for _, target := range p.Targets {
				if target.Datasource.UID != "${datasource}" {
					t.Errorf("%s: a query of %s asks %s, not what was chosen", b.Title, p.Title, target.Datasource.UID)
				}
				if p.Type == "timeseries" && target.LegendFormat == "" {
					t.Errorf("%s: series of %s have no names", b.Title, p.Title)
				}
			}
		}
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	for _, b := range boards(t) {
		taken := map[[2]int]string{}
		for _, p := range b.Panels {
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					if other, ok := taken[[2]int{x, y}]; ok || x >= 24 {
						t.Fatalf("%s: %s is where %s is, or outside", b.Title, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}
