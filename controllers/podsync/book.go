package podsync

import (
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// book holds what is remembered of each pod, and counts them. It is the collector of the gauges, so that one scrape shows one
// moment, in which each pod has one phase.
type book struct {
	podsDesc, stuckDesc *prometheus.Desc

	mu           sync.Mutex
	observations map[worker.Key]observation // guarded by mu
	pods         map[corev1.PodPhase]int    // guarded by mu
	stuck        map[string]int             // guarded by mu; by stuckReasons
}

func newBook() *book {
	b := &book{
		podsDesc: prometheus.NewDesc("wheelhouse_podsync_pods", "Observed pods by phase.", []string{"phase"}, nil),
		stuckDesc: prometheus.NewDesc("wheelhouse_podsync_stuck_pods",
			"Observed pods that are stuck, by reason. A pod with several reasons counts under the first of "+
				strings.Join(stuckReasons(), ", ")+".",
			[]string{"reason"}, nil),
	}
	b.reset()
	return b
}

func (b *book) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.observations = map[worker.Key]observation{}
	b.pods = map[corev1.PodPhase]int{}
	b.stuck = map[string]int{}
}

// get returns what is remembered of the pod: the zero value if nothing is.
func (b *book) get(key worker.Key) observation {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.observations[key]
}

func (b *book) knows(key worker.Key) bool {
	return b.get(key).seen
}

// set replaces what is remembered of the pod.
func (b *book) set(key worker.Key, o observation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.countLocked(b.observations[key], -1)
	b.countLocked(o, +1)
	if o.seen {
		b.observations[key] = o
	} else {
		delete(b.observations, key)
	}
}

func (b *book) countLocked(o observation, n int) {
	if !o.selected {
		return
	}
	b.pods[o.phase] += n
	if reason := stuckOn(o.reason); reason != "" {
		b.stuck[reason] += n
	}
}

// Describe and Collect are for package prometheus.

func (b *book) Describe(descs chan<- *prometheus.Desc) {
	descs <- b.podsDesc
	descs <- b.stuckDesc
}

func (b *book) Collect(metrics chan<- prometheus.Metric) {
	for _, m := range b.gauges() {
		metrics <- m
	}
}

func (b *book) gauges() []prometheus.Metric {
	b.mu.Lock()
	defer b.mu.Unlock()
	var gauges []prometheus.Metric
	add := func(desc *prometheus.Desc, pods int, label string) {
		gauges = append(gauges, prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(pods), label))
	}
	for _, phase := range phases {
		add(b.podsDesc, b.pods[phase], string(phase))
	}
	for _, reason := range stuckReasons() {
		add(b.stuckDesc, b.stuck[reason], reason)
	}
	return gauges
}
