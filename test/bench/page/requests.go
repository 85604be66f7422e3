package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// requestTable shows the requests of both programs side by side, the most frequent first.
func requestTable(file record.File, pods int, workloads []string) string {
	kinds := map[record.Request]bool{}
	for _, r := range all(file) {
		if slices.Contains(workloads, r.Workload) && (pods < 0 || r.Pods == pods) {
			for kind := range r.Requests {
				kinds[kind] = true
			}
		}
	}
	if len(kinds) == 0 {
		return "Neither asked for anything.\n"
	}
	counts := map[record.Request]comparison{}
	for kind := range kinds {
		counts[kind] = compare(file, measure{of: func(r record.Run) float64 { return float64(r.Requests[kind]) }}, pods, workloads...)
	}
	var text strings.Builder
	text.WriteString("| request | answer | kube-controller-manager | wheelhouse |\n| --- | --- | --- | --- |\n")
	for _, kind := range byFrequency(counts) {
		c := counts[kind]
		fmt.Fprintf(&text, "| %s %s | %d | %s | %s |\n", kind.Verb, kind.Resource, kind.Code, whole(median(c.theirs)), whole(median(c.ours)))
	}
	return text.String()
}

func byFrequency(counts map[record.Request]comparison) []record.Request {
	frequency := func(r record.Request) float64 { return median(counts[r].theirs) + median(counts[r].ours) }
	return slices.SortedFunc(maps.Keys(counts), func(a, b record.Request) int {
		return cmp.Or(cmp.Compare(frequency(b), frequency(a)), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Code, b.Code))
	})
}
