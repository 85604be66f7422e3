// Command picture draws the first rows of a dashboard from what a Prometheus has, as SVG for documents.
//
// It takes panels, queries, titles, units and places from the dashboard's own file. It is not Grafana: colours, axes and legends are its own.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

// board is what is used of a dashboard's file.
type board struct {
	Title  string
	Panels []panel
}

type panel struct {
	Type, Title string
	GridPos     struct{ X, Y, W, H float64 }
	Targets     []struct{ Expr, LegendFormat string }
	FieldConfig struct {
		Defaults struct{ Unit string }
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("the path of a dashboard and the URL of a Prometheus must be given")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("read the dashboard: %w", err)
	}
	var b board
	if err := json.Unmarshal(text, &b); err != nil {
		return fmt.Errorf("read the dashboard %s: %w", args[0], err)
	}
	picture, err := b.draw(source{address: args[1], end: time.Now()})
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, picture)
	return err
}
