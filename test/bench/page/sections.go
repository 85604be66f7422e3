package main

import (
	"fmt"
	"strings"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// section is what the page says of a piece of work.
type section struct {
	title     string   // PODS stands for how many pods it is about
	workloads []string // the ones that it sums up
}

func sections() []section {
	return []section{
		{"a: create Deployments of 10 pods, PODS pods in all", works()["a"]},
		{"b: roll all of them, PODS pods", works()["b"]},
		{"c: scale all of them from 10 pods to 50 and back, PODS pods at most", works()["c"]},
		{"c, first half: scale up", []string{record.ScaleUp}},
		{"c, second half: scale down", []string{record.ScaleDown}},
		{"d: create one Deployment of PODS pods, and roll it", works()["d"]},
		{"d, first half: create", []string{record.CreateOne}},
		{"d, second half: roll", []string{record.RollOne}},
	}
}

func (s section) write(file record.File) string {
	rows := comparisons(file, -1, s.workloads, wallTime(), cpuTime(), requests(), writes(), writesButEvents(), conflicts())
	if rows == "" {
		return ""
	}
	title := strings.ReplaceAll(s.title, "PODS", thousands(largest(file, s.workloads[0])))
	if len(s.workloads) > 1 { // its halves tell the rest
		return fmt.Sprintf("## %s\n\n%s", title, rows)
	}
	rows += strings.TrimPrefix(comparisons(file, -1, s.workloads, resident(), peak()), heading)
	return fmt.Sprintf("%s %s\n\n%s\n%s", s.level(), title, rows, requestTable(file, -1, s.workloads))
}

// level is that of the section's heading: halves are parts of the section before.
func (s section) level() string {
	if strings.Contains(s.title, "half") {
		return "###"
	}
	return "##"
}

// heading begins tables of comparisons.
const heading = "| measure | kube-controller-manager | wheelhouse | ratio | least – greatest | pairs |\n| --- | --- | --- | --- | --- | --- |\n"

// comparisons is a table of measures, or nothing where nothing was measured.
func comparisons(file record.File, pods int, workloads []string, measures ...measure) string {
	var text strings.Builder
	for _, m := range measures {
		c := compare(file, m, pods, workloads...)
		if len(c.ratios) > 0 {
			fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %d |\n", m.name, m.unit.show(median(c.theirs)), m.unit.show(median(c.ours)), c.shown(), c.spread(), len(c.ratios))
		}
	}
	if text.Len() == 0 {
		return ""
	}
	return heading + text.String()
}

func fullTable(file record.File) string {
	text := ""
	for _, pods := range sizes(file, record.Start) {
		rows := comparisons(file, pods, []string{record.Start}, firstWrite(), firstAnswer(), cpuTime(), requests(), resident(), peak())
		text += fmt.Sprintf("### %s pods\n\n%s%s\n", thousands(pods), rows, perPod(file, pods))
	}
	if text == "" {
		return ""
	}
	return "## e: started cold on a cluster that is full\n\n" + text
}

// perPod is a row of what each pod adds to the memory of a program on an empty cluster.
func perPod(file record.File, pods int) string {
	empty, full := compare(file, resident(), 0, record.Start), compare(file, resident(), pods, record.Start)
	if pods == 0 || len(empty.ratios) == 0 {
		return ""
	}
	theirs := (median(full.theirs) - median(empty.theirs)) / float64(pods)
	ours := (median(full.ours) - median(empty.ours)) / float64(pods)
	if theirs <= 0 || ours <= 0 { // too few pods to tell
		return ""
	}
	return fmt.Sprintf("| memory a pod, beside that with none | %.0f bytes | %.0f bytes | %s | – | – |\n", theirs, ours, shownRatio(ours/theirs))
}

func idleTable(file record.File) string {
	pods := largest(file, record.Idle)
	rows := comparisons(file, pods, []string{record.Idle}, wallTime(), cpuTime(), requests(), noWatches())
	if rows == "" {
		return ""
	}
	return fmt.Sprintf("## f: idle with %s pods\n\n%s\n%s", thousands(pods), rows, requestTable(file, pods, []string{record.Idle}))
}

func churnTable(file record.File) string {
	rows := comparisons(file, -1, []string{record.Churn}, wallTime(), cpuTime(), requests(), writes(), writesButEvents(), conflicts(), resident(), peak())
	if rows == "" {
		return ""
	}
	return fmt.Sprintf("## h: replace %s pods that fail or are deleted\n\n%s\n%s",
		thousands(largest(file, record.Churn)), rows, requestTable(file, -1, []string{record.Churn}))
}

// waveTable tells how long it takes to make so many pods in Deployments of 10, and how many a second that are.
func waveTable(file record.File) string {
	var text strings.Builder
	for _, program := range programs() {
		for _, p := range waves(file, program) {
			fmt.Fprintf(&text, "| %s | %s | %s | %.0f |\n", program, thousands(int(p.X)), seconds(p.Y), p.X/p.Y)
		}
	}
	if text.Len() == 0 {
		return ""
	}
	return `## Create waves

Deployments of 10 pods are created on an empty cluster, and more when those are complete: the time is that of all waves so far. The rest of the
control plane, on the same cores, has most of the work.

| program | pods | time | pods a second |
| --- | --- | --- | --- |
` + text.String()
}
