package main

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// The size of pictures, as a page shows two beside each other.
const (
	width  = 14 * vg.Centimeter
	height = 9 * vg.Centimeter
	pad    = 2 * vg.Millimeter
)

// picture is a file in the page's folder, and what can be seen in it.
type picture struct{ name, title string }

// colorOf gives each program one color, which those who don't see red and green alike can tell apart.
func colorOf(program string) color.Color {
	if program == record.Ours {
		return color.RGBA{R: 0, G: 114, B: 178, A: 255}
	}
	return color.RGBA{R: 230, G: 159, B: 0, A: 255}
}

// programs are in the order in which tables and pictures show them.
func programs() []string { return []string{record.Theirs, record.Ours} }

// draw writes the pictures of what was measured into the folder, and returns them.
func draw(file record.File, folder string) ([]picture, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("make a folder for pictures: %w", err)
	}
	var drawn []picture
	for _, d := range drawings(file) {
		p, err := d.plot()
		if err != nil {
			return nil, fmt.Errorf("draw %s: %w", d.name, err)
		}
		if p == nil {
			continue
		}
		if err := p.Save(width, height, filepath.Join(folder, d.name)); err != nil {
			return nil, fmt.Errorf("write %s: %w", d.name, err)
		}
		drawn = append(drawn, d.picture)
	}
	return drawn, nil
}

// drawing makes a picture, or nothing where nothing was measured.
type drawing struct {
	picture
	plot func() (*plot.Plot, error)
}

func drawings(file record.File) []drawing {
	bar := func(name, title, axis string, m measure) drawing {
		return drawing{picture{name, title}, func() (*plot.Plot, error) { return bars(file, title, axis, m) }}
	}
	line := func(name, title, axis string, points func(program string) plotter.XYs) drawing {
		return drawing{picture{name, title}, func() (*plot.Plot, error) { return lines(title, axis, points) }}
	}
	return []drawing{
		bar("writes.svg", "Writes of each workload", "writes", writes()),
		bar("wall.svg", "Wall time of each workload", "seconds", wallTime()),
		bar("cpu.svg", "CPU time of each workload", "seconds", cpuTime()),
		line("memory.svg", "Resident memory by pods in the cluster", "MiB", func(program string) plotter.XYs {
			return medians(file, resident(), program, 1<<20)
		}),
		line("start.svg", "Time from a cold start to the first write", "seconds", func(program string) plotter.XYs {
			return medians(file, firstWrite(), program, 1)
		}),
		line("wave.svg", "Time of a create wave by pods", "seconds", func(program string) plotter.XYs { return waves(file, program) }),
	}
}

// bars shows the medians of a measure in each piece of work side by side.
func bars(file record.File, title, axis string, m measure) (*plot.Plot, error) {
	p := newPlot(title, axis)
	const thick = vg.Length(18)
	var names []string
	for i, program := range programs() {
		var values plotter.Values
		names = nil
		for _, letter := range []string{"a", "b", "c", "d"} {
			if c := compare(file, m, -1, works()[letter]...); len(c.ratios) > 0 {
				names = append(names, letter)
				values = append(values, median(map[string][]float64{record.Theirs: c.theirs, record.Ours: c.ours}[program]))
			}
		}
		if len(values) == 0 {
			return nil, nil //nolint:nilnil // no picture is no error
		}
		chart, err := plotter.NewBarChart(values, thick)
		if err != nil {
			return nil, err
		}
		chart.Color, chart.LineStyle.Width, chart.Offset = colorOf(program), 0, thick*vg.Length(2*i-1)/2
		p.Add(chart)
		p.Legend.Add(program, chart)
	}
	p.NominalX(names...)
	p.X.Min, p.X.Max = -0.6, float64(len(names))-0.4
	return roomy(p), nil
}

// lines shows how something grows with the number of pods.
func lines(title, axis string, points func(program string) plotter.XYs) (*plot.Plot, error) {
	p := newPlot(title, axis)
	p.X.Label.Text = "pods"
	some := false
	for _, program := range programs() {
		data := points(program)
		if len(data) == 0 {
			continue
		}
		some = true
		line, dots, err := plotter.NewLinePoints(data)
		if err != nil {
			return nil, err
		}
		line.Color, dots.Color, line.Width = colorOf(program), colorOf(program), vg.Points(1.5)
		p.Add(line, dots)
		p.Legend.Add(program, line, dots)
	}
	if !some {
		return nil, nil //nolint:nilnil // no picture is no error
	}
	p.X.Min, p.X.Max = 0, 1.05*p.X.Max // the last number would be cut off
	return roomy(p), nil
}

// roomy keeps the legend off what is shown.
func roomy(p *plot.Plot) *plot.Plot {
	p.Y.Min, p.Y.Max = 0, 1.25*p.Y.Max
	return p
}

func newPlot(title, axis string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = title, axis
	p.Title.Padding, p.X.Padding, p.Y.Padding = pad, pad, pad
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, pad
	p.Add(plotter.NewGrid())
	return p
}

// medians returns those of a measure at each size of a cluster that the program was started on.
func medians(file record.File, m measure, program string, scale float64) plotter.XYs {
	var points plotter.XYs
	for _, pods := range sizes(file, record.Start) {
		c := compare(file, m, pods, record.Start)
		values := map[string][]float64{record.Theirs: c.theirs, record.Ours: c.ours}[program]
		if len(values) > 0 {
			points = append(points, plotter.XY{X: float64(pods), Y: median(values) / scale})
		}
	}
	return points
}

// waves returns how long the program took in all to make so many pods.
func waves(file record.File, program string) plotter.XYs {
	var points plotter.XYs
	total := 0.0
	for _, pods := range sizes(file, record.Wave) {
		for _, took := range sums(file, wallTime(), program, pods, []string{record.Wave}) {
			total += took
			points = append(points, plotter.XY{X: float64(pods), Y: total})
		}
	}
	return points
}
