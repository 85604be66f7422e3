package failover

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// report collects what scenarios have seen.
type report struct {
	mu   sync.Mutex
	rows []*row // guarded by mu: in the order in which they were first told of
}

// row is one figure of one program in one scenario.
type row struct {
	scenario, program, what string
	values                  []float64
	unit                    string
}

// add notes the value of one run, in seconds or as a count.
func (r *report) add(scenario string, p program, what, unit string, value float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.rows, func(o *row) bool { return o.scenario == scenario && o.program == p.name && o.what == what })
	if i < 0 {
		i = len(r.rows)
		r.rows = append(r.rows, &row{scenario: scenario, program: p.name, what: what, unit: unit})
	}
	r.rows[i].values = append(r.rows[i].values, value)
}

func (r *report) addTime(scenario string, p program, what string, d time.Duration) {
	r.add(scenario, p, what, " s", d.Seconds())
}

func (r *report) addCount(scenario string, p program, what string, n int) {
	r.add(scenario, p, what, "", float64(n))
}

const preface = `# Availability

<!-- Made by make test-failover. Do not edit. -->

What was seen on a local control plane in one run of ` + "`make test-failover`" + `: a leader and a standby as processes of their own, with the
default lease (15 s, renew deadline 10 s, retry period 2 s), under ten new Deployments of two pods a second. A Deployment
waits until it has its first pod. Writes are counted from the API server's audit log, events left out. kube-controller-manager is
1.37.2 with its Deployment and ReplicaSet controllers alone, in the same run on the same API server. Other work shared the machine: read the times as what a busy one shows. See
[high availability](high-availability.md) for why.

| scenario | figure | program | runs | median | worst |
| --- | --- | --- | --- | --- | --- |
`

// write writes the page.
func (r *report) write(path string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var page strings.Builder
	page.WriteString(preface)
	for _, o := range r.rows {
		values := slices.Sorted(slices.Values(o.values))
		format := "%.2f"
		if o.unit == "" {
			format = "%.0f"
		}
		show := func(v float64) string { return fmt.Sprintf(format, v) + o.unit }
		fmt.Fprintf(&page, "| %s | %s | %s | %d | %s | %s |\n", o.scenario, o.what, o.program, len(values), show(values[len(values)/2]), show(values[len(values)-1]))
	}
	return os.WriteFile(path, []byte(page.String()), 0o600)
}
