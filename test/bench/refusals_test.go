package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSettingsThatCannotBeMeasured(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*settings)
		want   string // none if it can
	}{
		"as they are":        {func(*settings) {}, ""},
		"sizes that fall":    {func(s *settings) { s.full = []int{1000, 500} }, "WHEELHOUSE_BENCH_PODS"},
		"a size twice":       {func(s *settings) { s.full = []int{1000, 1000} }, "WHEELHOUSE_BENCH_PODS"},
		"half a Deployment":  {func(s *settings) { s.full = []int{1005} }, "WHEELHOUSE_BENCH_PODS"},
		"churn beyond all":   {func(s *settings) { s.rate = 101 }, "WHEELHOUSE_BENCH_CHURN"},
		"no rollout at all":  {func(s *settings) { s.big = 1 }, "WHEELHOUSE_BENCH_BIG"},
		"churn of all there": {func(s *settings) { s.rate = 100 }, ""},
	} {
		s := settings{full: []int{100, 1000}, deployments: 10, rate: 20, big: 100, asked: map[string]string{"PODS": "as asked"}}
		c.change(&s)
		err := s.validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want+" is ") {
			t.Errorf("%s: %v, want an error that begins with %q", name, err, c.want)
		}
	}
}

func TestThreadsThatHaveEndedAreLeftOut(t *testing.T) {
	dir := t.TempDir()
	var threads []string
	for name, text := range map[string]string{"1": "1500 20 3\n", "2": "500 0 0\n"} {
		threads = append(threads, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	threads = append(threads, filepath.Join(dir, "ended"))
	if total, err := computed(threads); err != nil || total != 2*time.Microsecond {
		t.Errorf("computed = %v, %v, want 2µs", total, err)
	}
	if _, err := computed(threads[2:]); err == nil {
		t.Error("a process of which no thread is left has a CPU time")
	}
}
