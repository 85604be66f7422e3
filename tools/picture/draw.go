package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

const (
	columnWidth, rowHeight = 50.0, 26.0 // of a dashboard's grid, in pixels
	gap                    = 4.0        // around a panel
	top                    = 34.0       // of a panel: its title
	legendHeight           = 20.0
	font                   = "font-family='sans-serif' font-size="
)

func colours() []string {
	return []string{"#2f7ed8", "#d9822b", "#3d9140", "#a4459e", "#c23030", "#5c7080", "#00998c", "#8f6b00"}
}

// draw returns the picture of the board's first rows.
func (b board) draw(from source, rows float64) (string, error) {
	var body strings.Builder
	height := 0.0
	for _, p := range b.Panels {
		if p.GridPos.Y+p.GridPos.H > rows {
			continue
		}
		text, err := p.draw(from)
		if err != nil {
			return "", err
		}
		height = max(height, (p.GridPos.Y+p.GridPos.H)*rowHeight)
		fmt.Fprintf(&body, "<g transform='translate(%g %g)'>%s</g>\n", p.GridPos.X*columnWidth, 36+p.GridPos.Y*rowHeight, text)
	}
	const width = 24 * columnWidth
	return fmt.Sprintf("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %g %g'>\n<rect width='100%%' height='100%%' fill='#f4f5f5'/>\n%s%s</svg>\n",
		width, 40+height, label(8, 25, 17, "", b.Title+", the last "+from.span.String()), body.String()), nil
}

func (p panel) draw(from source) (string, error) {
	width, height := p.GridPos.W*columnWidth-2*gap, p.GridPos.H*rowHeight-2*gap
	if p.Type == "row" {
		return label(gap+4, 19, 14, "", p.Title), nil
	}
	var queries [][]series
	for _, target := range p.Targets {
		lines, err := from.ask(target.Expr, target.LegendFormat)
		if err != nil {
			return "", fmt.Errorf("draw the panel %s: %w", p.Title, err)
		}
		queries = append(queries, lines)
	}
	frame := fmt.Sprintf("<g transform='translate(%g %g)'><rect width='%g' height='%g' rx='2' fill='white' stroke='#d0d4d8'/>%s",
		gap, gap, width, height, label(8, 18, 12.5, "", p.Title))
	unit := p.FieldConfig.Defaults.Unit
	switch p.Type {
	case "stat":
		return frame + stat(slices.Concat(queries...), unit, width, height) + "</g>", nil
	case "table":
		return frame + p.table(queries, width) + "</g>", nil
	}
	return frame + graph(slices.Concat(queries...), unit, width, height) + "</g>", nil
}

func stat(lines []series, unit string, width, height float64) string {
	text, size := "–", 30.0
	if len(lines) > 0 {
		text = format(lines[0].last(), unit)
	}
	if len(lines) > 0 && lines[0].name != "" {
		text, size = lines[0].name+": "+text, 13
	}
	return label(width/2, height/2+18, size, "text-anchor='middle' fill='#2a7d3a'", text)
}

// table shows the newest value of each query, a row a controller.
func (p panel) table(queries [][]series, width float64) string {
	column := width / float64(len(queries)+1)
	text, at := label(8, top+10, 11.5, "fill='#5c6570'", "controller"), map[string]float64{}
	for i, lines := range queries {
		x := column*float64(i+1) + 8
		text += label(x, top+10, 11.5, "fill='#5c6570'", p.Targets[i].LegendFormat)
		for _, line := range lines {
			name := line.labels["controller"]
			if at[name] == 0 {
				at[name] = top + 34 + 26*float64(len(at))
				text += label(8, at[name], 12.5, "", name)
			}
			text += label(x, at[name], 12.5, "", format(line.last(), ""))
		}
	}
	return text
}

func graph(lines []series, unit string, width, height float64) string {
	most := 0.0
	for _, line := range lines {
		for _, v := range line.values {
			if !math.IsNaN(v) {
				most = max(most, v)
			}
		}
	}
	if most == 0 {
		most = 1
	}
	left, bottom := 56.0, height-legendHeight-8
	y := func(v float64) float64 { return bottom - v/most*(bottom-top) }
	var text strings.Builder
	for _, v := range []float64{0, most / 2, most} {
		fmt.Fprintf(&text, "<path d='M%g %.1fH%g' stroke='#e4e7ea'/>%s", left, y(v), width-8, label(left-5, y(v)+4, 10.5, "text-anchor='end' fill='#5c6570'", format(v, unit)))
	}
	x := left
	for i, line := range lines {
		colour := colours()[i%len(colours())]
		path, pen := "", "M"
		for j, v := range line.values {
			if math.IsNaN(v) {
				pen = "M"
				continue
			}
			path += fmt.Sprintf("%s%.0f %.1f", pen, left+float64(j)/points*(width-8-left), y(v))
			pen = "L"
		}
		fmt.Fprintf(&text, "<path d='%s' fill='none' stroke='%s' stroke-width='1.5'/>", path, colour)
		if x+float64(len(line.name))*6 < width {
			text.WriteString(label(x, height-8, 11, "fill='"+colour+"'", line.name))
		}
		x += float64(len(line.name))*6 + 14
	}
	return text.String()
}

func label(x, y, size float64, attributes, text string) string {
	return fmt.Sprintf("<text x='%g' y='%.0f' %s'%g' %s>%s</text>", x, y, font, size, attributes, html.EscapeString(text))
}

// format writes a value with three digits, as its unit wants it.
func format(v float64, unit string) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case unit == "s" && v > 0 && v < 1:
		return fmt.Sprintf("%.3g ms", v*1000)
	case unit == "s":
		return fmt.Sprintf("%.3g s", v)
	case unit == "percentunit":
		return fmt.Sprintf("%.3g %%", v*100)
	case unit == "ops" || unit == "reqps":
		return fmt.Sprintf("%.3g/s", v)
	case unit == "bytes":
		return fmt.Sprintf("%.3g MiB", v/(1<<20))
	}
	return fmt.Sprintf("%.3g", v)
}
