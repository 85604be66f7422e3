// Command picture draws the first rows of a dashboard from what a Prometheus has, as SVG for documents.
//
// It takes panels, queries, titles, units and places from the dashboard's own file. It is not Grafana: colours, axes and legends are its own.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// patience bounds what all queries together may take.
const patience = time.Minute

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
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

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("the URL of a Prometheus must be given, and a dashboard as input")
	}
	var b board
	if err := json.NewDecoder(in).Decode(&b); err != nil {
		return fmt.Errorf("read the dashboard: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	picture, err := b.draw(ctx, source{address: args[0], end: time.Now()})
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, picture)
	return err
}
