package main

import (
	"fmt"
	"strings"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// write returns the text of the page.
func write(file record.File, availability, notes string, pictures []picture) string {
	var text strings.Builder
	add := func(parts ...string) {
		for _, part := range parts {
			text.WriteString(strings.TrimSpace(part) + "\n\n")
		}
	}
	add("# Benchmarks", "<!-- Made by make bench of docs/benchmarks/raw.json and docs/benchmarks/notes.md. Do not edit. -->", preface)
	add("## Goals", "Each is a ratio of wheelhouse to kube-controller-manager, but for conflicts, which are a number.")
	add(goalTable(goals(file, availability)), notes)
	for _, p := range pictures {
		add(fmt.Sprintf("![%s](benchmarks/%s)", p.title, p.name))
	}
	for _, s := range sections() {
		add(s.write(file))
	}
	add(fullTable(file), waveTable(file), idleTable(file), churnTable(file), how, measuredOn(file))
	return strings.TrimSpace(squeeze(text.String())) + "\n"
}

// squeeze takes out the empty lines that parts without text leave.
func squeeze(text string) string {
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text
}

const preface = "What wheelhouse asks of the API server and of the machine for the work that kube-controller-manager does, with its Deployment and" + `
ReplicaSet controllers alone. Figures are medians; a ratio is the median of those of the pairs, beside the least and the greatest of them: below
1, wheelhouse takes less. It need not be the quotient of the two medians beside it. [Availability](availability.md) has failovers. All that was measured, run by run, is in
[raw.json](benchmarks/raw.json).`

const how = `## How it is measured

` + "`make bench`" + ` starts a control plane (etcd, kube-apiserver, kube-scheduler, fake nodes and the rest of kube-controller-manager, on the same
machine) for each run of a to d and of the churn, one after the other. The programs take turns: kube-controller-manager goes first in the first
pair, wheelhouse in the second, and so on. kube-controller-manager is built of the local cluster's module, as a program of its own that runs those
two controllers alone; both are built by the same Go, without cgo. Both have five workers a controller, the same rate and burst, no leader
election, and no listener; wheelhouse doesn't ask whether somebody else does its work. It asks for answers that are not compressed, which
kube-controller-manager doesn't. Each is a user of its own in the group system:masters, so that priority and fairness delay neither.

- **Wall time** runs from the first request until each Deployment is complete, as ` + "`kubectl rollout status`" + ` means it.
- **Requests** are those of the program's user in the API server's audit log, which it writes before it answers, until the program is calm: until
  it has asked for nothing but watches for six seconds. wheelhouse holds no status back for longer. Refused ones and events count.
- **CPU time** is that of all threads of the process in /proc until then; **memory** is the median of VmRSS in the six seconds, the peak VmHWM.
- **Started cold**: the cluster is full of Deployments of 10 pods for which nothing is left to do, 100 a namespace; one more, without a ReplicaSet,
  waits in a namespace of its own. Time runs from the start of the process until the API server gets its first write that is no event. Memory is
  the median of the sixteen seconds in which the program is calm afterwards. A start in which a program writes anything for another Deployment
  isn't counted: the benchmark fails.
- **Idle** programs are looked at when those sixteen seconds are over, for as long as each other. Requests are counted without watches too: the
  API server ends a watch after five to ten minutes, and it is chance whether it has to be begun anew meanwhile. wheelhouse begins anew each one
  that has brought nothing for 40 s.
- **Churn**: running pods of all Deployments in turn are deleted or made to fail, the same number for both, at most so many a second. It is over
  when as many pods run again, beside those, and each Deployment is complete.
`

// measuredOn tells of what, where and when each part was measured.
func measuredOn(file record.File) string {
	var text strings.Builder
	text.WriteString("| scenario | begun | wheelhouse | kube-controller-manager | pairs asked for | requests a second | machine |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, p := range file.Parts {
		fmt.Fprintf(&text, "| %s | %s | %s, of commit %s | %s | %s | %s | %s |\n", p.Scenario, p.Begun.Format("2006-01-02 15:04 UTC"),
			p.Versions[record.Ours], p.Commit, p.Versions[record.Theirs], p.Settings["PAIRS"], p.Settings["QPS"], describe(p.Machine))
	}
	return text.String()
}

func describe(m record.Machine) string {
	text := fmt.Sprintf("%d cores (%s), %d GiB, %s/%s, kernel %s, Go %s", m.Cores, m.CPU, m.Memory>>30, m.GOOS, m.GOARCH, m.Kernel, m.Go)
	if m.Comment != "" {
		text += "; " + m.Comment
	}
	return text
}
