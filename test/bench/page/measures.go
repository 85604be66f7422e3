package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// unit shows a value.
type unit func(float64) string

func seconds(v float64) string {
	if v > 0 && v < 0.1 {
		return strconv.FormatFloat(1000*v, 'f', 1, 64) + " ms"
	}
	return strconv.FormatFloat(v, 'f', 2, 64) + " s"
}

// whole shows a count, which is in the middle of two if their number is even.
func whole(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func mebibytes(v float64) string { return strconv.FormatFloat(v/(1<<20), 'f', 1, 64) + " MiB" }

func wallTime() measure {
	return measure{"wall time", seconds, func(r record.Run) float64 { return r.Seconds }}
}

func cpuTime() measure {
	return measure{"CPU time", seconds, func(r record.Run) float64 { return r.CPUSeconds }}
}

func writes() measure {
	return measure{"writes", whole, func(r record.Run) float64 { return float64(r.Requests.Writes()) }}
}

func writesButEvents() measure {
	return measure{"writes that are no events", whole, func(r record.Run) float64 { return float64(r.Requests.WritesButEvents()) }}
}

func conflicts() measure {
	return measure{"conflicts", whole, func(r record.Run) float64 { return float64(r.Requests.Conflicts()) }}
}

func requests() measure {
	return measure{"requests", whole, func(r record.Run) float64 { return float64(r.Requests.Total()) }}
}

func noWatches() measure {
	return measure{"requests other than watches", whole, func(r record.Run) float64 { return float64(r.Requests.NoWatches()) }}
}

func resident() measure {
	return measure{"resident memory", mebibytes, func(r record.Run) float64 { return float64(r.RSS) }}
}

func peak() measure {
	return measure{"its peak since the start", mebibytes, func(r record.Run) float64 { return float64(r.PeakRSS) }}
}

func firstWrite() measure {
	return measure{"time to the first write", seconds, func(r record.Run) float64 { return r.FirstWrite }}
}

func firstAnswer() measure {
	return measure{"time until a Deployment that waits is answered", seconds, func(r record.Run) float64 { return r.FirstAnswer }}
}

// show returns the value as the page shows it, or a dash for none.
func (u unit) show(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return u(v)
}

// shown returns the median of the ratios.
func (c comparison) shown() string { return shownRatio(median(c.ratios)) }

// spread returns the least and the greatest of the ratios.
func (c comparison) spread() string {
	if len(c.ratios) == 0 {
		return "–"
	}
	return fmt.Sprintf("%s – %s", shownRatio(slices.Min(c.ratios)), shownRatio(slices.Max(c.ratios)))
}

// shownRatio has three digits where two would show nothing.
func shownRatio(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 1):
		return "∞"
	case v != 0 && v < 0.1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
