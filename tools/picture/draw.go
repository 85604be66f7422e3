package main

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

const (
	rows                = 30.0       // of the dashboard's grid that are shown
	columns             = 24.0       // that it has
	cellWidth, cellHigh = 50.0, 26.0 // in pixels
	gap                 = 4.0        // around a panel
	top, foot           = 34.0, 42.0 // of a panel: its title, its legend
	grey                = "#5c6570"
)

// draw returns the picture of the board's first rows.
func (b board) draw(ctx context.Context, from source) (string, error) {
	var body strings.Builder
	for _, p := range b.Panels {
		if p.GridPos.Y+p.GridPos.H > rows {
			continue
		}
		text, err := p.draw(ctx, from)
		if err != nil {
			return "", fmt.Errorf("draw the panel %s: %w", p.Title, err)
		}
		fmt.Fprintf(&body, "<g transform='translate(%g %g)'>%s</g>\n", gap+p.GridPos.X*cellWidth, top+gap+p.GridPos.Y*cellHigh, text)
	}
	const width, height = columns * cellWidth, top + 2*gap + rows*cellHigh
	title := label(8, 25, 17, "black", fmt.Sprintf("%s, %d minutes", b.Title, minutes))
	return fmt.Sprintf("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %g %g' width='%g' height='%g'>\n<rect width='100%%' height='100%%' fill='#f4f5f5'/>\n%s\n%s</svg>\n",
		width, height, width, height, title, body.String()), nil
}

func (p panel) draw(ctx context.Context, from source) (string, error) {
	width, height, unit := p.GridPos.W*cellWidth-2*gap, p.GridPos.H*cellHigh-2*gap, p.FieldConfig.Defaults.Unit
	if p.Type == "row" {
		return label(4, 15, 14, "black", p.Title), nil
	}
	var queries [][]series
	for _, target := range p.Targets {
		lines, err := from.ask(ctx, target.Expr, target.LegendFormat)
		if err != nil {
			return "", err
		}
		queries = append(queries, lines)
	}
	text := fmt.Sprintf("<rect width='%g' height='%g' rx='2' fill='white' stroke='#d0d4d8'/>", width, height) + label(8, 17, 11.5, "black", p.Title)
	switch lines := slices.Concat(queries...); p.Type {
	case "stat":
		return text + stat(lines, unit, width, height), nil
	case "table":
		return text + p.table(queries, width), nil
	default:
		return text + graph(lines, unit, width, height), nil
	}
}

// stat shows newest values, below each other where they have names.
func stat(lines []series, unit string, width, height float64) string {
	text := ""
	for i, s := range lines {
		if s.name == "" {
			text += label(width/2, height/2+18, 30, "#2a7d3a", format(s.last(), unit))
		} else {
			text += label(width/2, height/2+12+float64(i)*16, 11, "#2a7d3a", s.name+": "+format(s.last(), unit))
		}
	}
	return "<g text-anchor='middle'>" + text + "</g>"
}

// table shows the newest value of each query, a row a controller.
func (p panel) table(queries [][]series, width float64) string {
	column := width / float64(len(queries)+1)
	text, at := label(8, top+10, 11.5, grey, "controller"), map[string]float64{}
	for i, lines := range queries {
		x := column*float64(i+1) + 8
		text += label(x, top+10, 11.5, grey, p.Targets[i].LegendFormat)
		for _, s := range lines {
			if at[s.controller] == 0 {
				at[s.controller] = top + 34 + 26*float64(len(at))
				text += label(8, at[s.controller], 12.5, "black", s.controller)
			}
			text += label(x, at[s.controller], 12.5, "black", format(s.last(), ""))
		}
	}
	return text
}

func graph(lines []series, unit string, width, height float64) string {
	const left, right, letter = 60.0, 8.0, 5.4
	colours := []string{"#2f7ed8", "#d9822b", "#3d9140", "#a4459e", "#c23030", "#5c7080"}
	most := highest(lines)
	y := func(v float64) float64 { return height - foot - v/most*(height-foot-top) }
	text := ""
	for _, v := range []float64{0, most / 2, most} {
		text += fmt.Sprintf("<path d='M%g %.1fH%g' stroke='#e4e7ea'/>", left, y(v), width-right) + label(8, y(v)+4, 10.5, grey, format(v, unit))
	}
	x, below := left, 0.0
	for i, s := range lines {
		colour, path, pen := colours[i%len(colours)], "", "M"
		for j, v := range s.values {
			if math.IsNaN(v) {
				pen = "M"
				continue
			}
			path += fmt.Sprintf("%s%.0f %.1f", pen, left+float64(j)/points*(width-right-left), y(v))
			pen = "L"
		}
		text += fmt.Sprintf("<path d='%s' fill='none' stroke='%s' stroke-width='1.5'/>", path, colour)
		long := float64(len(s.name))*letter + 13
		if x+long > width && x > left {
			x, below = left, below+14
		}
		text += label(x, height-foot+20+below, 10.5, colour, s.name)
		x += long
	}
	return text
}

// highest returns the highest value, and 1 where all are 0.
func highest(lines []series) float64 {
	most := 0.0
	for _, s := range lines {
		for _, v := range s.values {
			if v > most { // NaN is not
				most = v
			}
		}
	}
	return cmp.Or(most, 1)
}

func label(x, y, size float64, colour, text string) string {
	return fmt.Sprintf("<text x='%g' y='%.0f' font-family='sans-serif' font-size='%g' fill='%s'>%s</text>", x, y, size, colour, html.EscapeString(text))
}

// format writes a value with three digits, as its unit wants it.
func format(v float64, unit string) string {
	if math.IsNaN(v) {
		return "–"
	}
	if unit == "percentunit" {
		v *= 100
	}
	return fmt.Sprintf("%.3g%s", v, map[string]string{"s": " s", "ops": "/s", "percentunit": " %"}[unit])
}
