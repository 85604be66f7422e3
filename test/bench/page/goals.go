package main

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// goal is what we want to reach, and what was measured of it.
type goal struct {
	what     string
	limit    float64
	measured float64 // none if not measured
	spread   string
	beside   string // ours beside theirs, for when a ratio says nothing
}

// works are the pieces of work that goals are set for, by the letters that pages call them.
func works() map[string][]string {
	return map[string][]string{
		"a": {record.Create}, "b": {record.Roll}, "c": {record.ScaleUp, record.ScaleDown}, "d": {record.CreateOne, record.RollOne},
	}
}

// goals returns what is to be reached, with what was: all but the conflicts are ratios of ours to theirs.
func goals(file record.File, availability string) []goal {
	whichever, full, idle := -1, largest(file, record.Start), largest(file, record.Idle)
	everything := slices.Concat(works()["a"], works()["b"], works()["c"], works()["d"])
	ratio := func(what string, limit float64, m measure, pods int, workloads ...string) goal {
		c := compare(file, m, pods, workloads...)
		return goal{what, limit, median(c.ratios), c.spread(), m.unit.show(median(c.ours)) + " beside " + m.unit.show(median(c.theirs))}
	}
	return []goal{
		ratio("writes in b, roll", 0.40, writes(), whichever, works()["b"]...),
		ourConflicts(file),
		ratio("writes in a, create", 0.65, writes(), whichever, works()["a"]...),
		ratio("wall time of a, create", 0.75, wallTime(), whichever, works()["a"]...),
		ratio("wall time of b, roll", 0.75, wallTime(), whichever, works()["b"]...),
		ratio("wall time of d, one big Deployment", 0.75, wallTime(), whichever, works()["d"]...),
		ratio("CPU time of a to d", 0.60, cpuTime(), whichever, everything...),
		ratio("resident memory with "+podsOf(full), 0.45, resident(), full, record.Start),
		ratio("time to the first write, started cold with "+podsOf(full), 0.80, firstWrite(), full, record.Start),
		failover(availability),
		ratio("CPU time while idle with "+podsOf(idle), 1, cpuTime(), idle, record.Idle),
		ratio("requests while idle with "+podsOf(idle), 1, requests(), idle, record.Idle),
		ratio("of them, those that are no watches", 1, noWatches(), idle, record.Idle),
	}
}

// ourConflicts is the goal that no run of ours has a conflict. It names the work that was measured.
func ourConflicts(file record.File) goal {
	g := goal{what: "conflicts of wheelhouse in a to d", measured: math.NaN(), spread: "–"}
	var measured []string
	total := 0.0
	for _, letter := range slices.Sorted(maps.Keys(works())) {
		if c := compare(file, conflicts(), -1, works()[letter]...); len(c.ours) > 0 {
			measured, total = append(measured, letter), total+sum(c.ours)
		}
	}
	if len(measured) > 0 {
		g.what, g.measured = "conflicts of wheelhouse in "+strings.Join(measured, ", ")+", all pairs together", total
	}
	return g
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// failover takes the medians from the page of failovers.
func failover(availability string) goal {
	wait := func(program string) float64 {
		row := regexp.MustCompile(`(?m)^\| SIGTERM of the leader \| longest wait \| ` + program + ` \| \d+ \| ([\d.]+) s \|`).FindStringSubmatch(availability)
		if row == nil {
			return math.NaN()
		}
		value, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			return math.NaN()
		}
		return value
	}
	return goal{
		what: "longest wait when the leader gets SIGTERM, in [availability](availability.md)", limit: 0.06,
		measured: wait(record.Ours) / wait(record.Theirs), spread: "–",
	}
}

func (g goal) reached() string {
	switch {
	case math.IsNaN(g.measured):
		return "not measured"
	case g.measured <= g.limit:
		return "yes"
	case g.limit == 0:
		return "no"
	case math.IsInf(g.measured, 1):
		return "no, " + g.beside
	}
	return fmt.Sprintf("no, %.0f%% more", 100*(g.measured/g.limit-1))
}

func goalTable(goals []goal) string {
	var text strings.Builder
	text.WriteString("| measure | goal | measured | least – greatest | reached |\n| --- | --- | --- | --- | --- |\n")
	for _, g := range goals {
		limit := "≤ " + shownRatio(g.limit)
		if g.limit == 0 {
			limit = "0"
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", g.what, limit, g.shown(), g.spread, g.reached())
	}
	return text.String()
}

func (g goal) shown() string {
	if g.limit == 0 {
		return unit(whole).show(g.measured)
	}
	return shownRatio(g.measured)
}

// podsOf says how many pods were measured with, or are meant where nothing was.
func podsOf(measured int) string {
	const meant = 50_000
	if measured < 0 {
		measured = meant
	}
	return thousands(measured) + " pods"
}

// thousands writes a number as 50,000.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
