package manager

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// cacheMetrics tell of the caches that there are.
type cacheMetrics struct {
	caches               *caches
	objects, bytes, idle *prometheus.Desc
}

func newCacheMetrics(all *caches) cacheMetrics {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"resource"}, nil)
	}
	return cacheMetrics{
		caches:  all,
		objects: desc("wheelhouse_cache_objects", "Objects in the cache."),
		bytes: desc("wheelhouse_cache_bytes", "How large the objects in the cache are as protobuf, of many estimated by a sample. In "+
			"memory they take two to four times as much."),
		idle: desc("wheelhouse_watch_idle_seconds", "How long ago the watch was last answered or brought something, or the process started "+
			"if it never has. One that brings nothing for 40 s is begun anew, which an API server answers at once."),
	}
}

// Describe is for the registry.
func (m cacheMetrics) Describe(descs chan<- *prometheus.Desc) {
	descs <- m.objects
	descs <- m.bytes
	descs <- m.idle
}

// Collect is for the registry.
func (m cacheMetrics) Collect(metrics chan<- prometheus.Metric) {
	for resource, f := range m.caches.figures(time.Now()) {
		gauge := func(desc *prometheus.Desc, value float64) {
			metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, resource) // one label, as described
		}
		gauge(m.objects, float64(f.objects))
		gauge(m.bytes, float64(f.bytes))
		gauge(m.idle, f.idle.Seconds())
	}
}

// figures are those of a resource.
type figures struct {
	objects, bytes int
	idle           time.Duration
}

// figures returns those of each resource. One that is cached in two versions has both together, and the idler of the watches.
func (c *caches) figures(now time.Time) map[string]figures {
	all := map[string]figures{}
	for _, one := range c.list() {
		f := all[one.resource]
		objects, bytes := weigh(one.informer.GetStore())
		f.objects += objects
		f.bytes += bytes
		f.idle = max(f.idle, one.idle(now))
		all[one.resource] = f
	}
	return all
}
