// Command dashboards writes the dashboards of Grafana that the chart carries: dashboards OUT writes a file for each into the folder OUT.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// all are the dashboards by the names of their files.
func all() map[string]*dashboard.DashboardBuilder {
	return map[string]*dashboard.DashboardBuilder{
		"overview.json":   overview(),
		"controller.json": controller(),
		"podsync.json":    podsync(),
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dashboards OUT")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(folder string) error {
	for name, builder := range all() {
		text, err := encode(builder)
		if err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil { //nolint:gosec // everybody may read what is published
			return fmt.Errorf("write a dashboard: %w", err)
		}
	}
	return nil
}

// schemaVersion is that of Grafana 10.4. Later ones migrate it; earlier ones wouldn't know what a later one means.
const schemaVersion = 39

// identify gives a panel its ID. Without them, Grafana takes all rows for one.
func identify(p dashboard.PanelOrRowPanel, id uint32) {
	if p.Panel != nil {
		p.Panel.Id = &id
		return
	}
	p.RowPanel.Id = id
}

// encode returns the dashboard as JSON that people can compare, with the operators of queries as they are.
func encode(builder *dashboard.DashboardBuilder) ([]byte, error) {
	board, err := builder.Build()
	if err != nil {
		return nil, err
	}
	board.SchemaVersion = schemaVersion
	for i, p := range board.Panels {
		identify(p, uint32(i)+1)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err = encoder.Encode(board)
	return text.Bytes(), err
}
