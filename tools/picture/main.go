// Command picture draws a dashboard from what a Prometheus has, as SVG for documents.
//
// It takes panels, queries, titles, units and places from the dashboard's own file, and shows the last minutes. It is not Grafana: colours,
// axes and legends are its own.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
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

func run(args []string) error {
	flags := flag.NewFlagSet("picture", flag.ContinueOnError)
	path := flags.String("dashboard", "", "Path of the dashboard's file.")
	address := flags.String("prometheus", "http://127.0.0.1:9090", "URL of the Prometheus.")
	span := flags.Duration("span", 15*time.Minute, "How long a time is shown.")
	rows := flags.Float64("rows", 1000, "How many of the dashboard's rows are shown.")
	out := flags.String("out", "", "Path of the picture.")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*path)
	if err != nil {
		return fmt.Errorf("read the dashboard: %w", err)
	}
	var b board
	if err := json.Unmarshal(text, &b); err != nil {
		return fmt.Errorf("read the dashboard %s: %w", *path, err)
	}
	picture, err := b.draw(source{address: *address, end: time.Now(), span: *span}, *rows)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, []byte(picture), 0o600); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}
