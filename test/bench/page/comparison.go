package main

import (
	"maps"
	"math"
	"slices"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// measure is a figure of a run.
type measure struct {
	name string
	unit unit
	of   func(record.Run) float64
}

// comparison is one figure of both programs, pair by pair.
type comparison struct {
	theirs, ours, ratios []float64
}

// compare sums the figure over the workloads of each pair, where their number of pods is the given one, or any if it is negative.
func compare(file record.File, m measure, pods int, workloads ...string) comparison {
	theirs, ours := sums(file, m, record.Theirs, pods, workloads), sums(file, m, record.Ours, pods, workloads)
	var c comparison
	for _, pair := range slices.Sorted(maps.Keys(theirs)) {
		if value, ok := ours[pair]; ok {
			c.theirs = append(c.theirs, theirs[pair])
			c.ours = append(c.ours, value)
			c.ratios = append(c.ratios, ratio(value, theirs[pair]))
		}
	}
	return c
}

// ratio calls nothing to nothing equal.
func ratio(a, b float64) float64 {
	if a == b {
		return 1
	}
	return a / b
}

// sums returns the program's sums by pair, without pairs in which a workload is missing.
func sums(file record.File, m measure, program string, pods int, workloads []string) map[int]float64 {
	found := map[int]map[string]float64{}
	for _, r := range all(file) {
		if r.Program == program && slices.Contains(workloads, r.Workload) && (pods < 0 || r.Pods == pods) {
			if found[r.Pair] == nil {
				found[r.Pair] = map[string]float64{}
			}
			found[r.Pair][r.Workload] = m.of(r) // the last of several
		}
	}
	total := map[int]float64{}
	for pair, figures := range found {
		if len(figures) == len(workloads) {
			total[pair] = sum(slices.Collect(maps.Values(figures)))
		}
	}
	return total
}

func all(file record.File) []record.Run {
	var runs []record.Run
	for _, p := range file.Parts {
		runs = append(runs, p.Runs...)
	}
	return runs
}

// median returns the middle, or the mean of the two that are in the middle; what has no values has no median.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// sizes returns the numbers of pods that there are runs of the workload with, sorted.
func sizes(file record.File, workload string) []int {
	found := map[int]bool{}
	for _, r := range all(file) {
		if r.Workload == workload {
			found[r.Pods] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// largest returns the last of the sizes, or -1.
func largest(file record.File, workload string) int {
	list := sizes(file, workload)
	if len(list) == 0 {
		return -1
	}
	return list[len(list)-1]
}
