package bench

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// settings say how much is measured.
type settings struct {
	out         string   // the file for what was measured
	only        []string // the scenarios; all if empty
	pairs       int      // how often each program does a workload
	deployments int      // how many are created, rolled, scaled and churned
	big         int      // pods of the one big Deployment
	full        []int    // pods in the cluster, growing, on which programs start
	theirWave   int      // the most pods of which kube-controller-manager makes a wave too
	idle        time.Duration
	rate        int // pods that fail or are deleted a second
	churned     int // how many in all
	qps         int

	asked map[string]string // the variables, as they are or by default
}

// fromEnvironment reads the settings, or skips the test if there is no file to write to.
func fromEnvironment(t *testing.T) settings {
	t.Helper()
	out := os.Getenv("WHEELHOUSE_BENCH")
	if out == "" {
		t.Skip("WHEELHOUSE_BENCH names no file to write what was measured to: see make bench")
	}
	e := environment{t: t, small: os.Getenv("WHEELHOUSE_BENCH_SMALL") != "", asked: map[string]string{}}
	rate := e.number("CHURN", "100", "20")
	s := settings{
		out:         out,
		only:        onlyOf(t, os.Getenv("WHEELHOUSE_BENCH_ONLY")),
		pairs:       e.number("PAIRS", "5", "1"),
		deployments: e.number("DEPLOYMENTS", "100", "10"),
		big:         e.number("BIG", "2000", "100"),
		full:        e.numbers("PODS", "1000,5000,20000,50000", "100,1000"),
		theirWave:   e.number("THEIR_WAVE", "5000", "1000"),
		idle:        time.Duration(e.number("IDLE_SECONDS", "60", "10")) * time.Second,
		rate:        rate,
		churned:     rate * e.number("CHURN_SECONDS", "120", "10"),
		qps:         e.number("QPS", "1000", "1000"),
		asked:       e.asked,
	}
	if err := s.validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

// validate names the variable that says what can't be measured.
func (s settings) validate() error {
	rising := slices.IsSorted(s.full) && len(slices.Compact(slices.Clone(s.full))) == len(s.full)
	whole := !slices.ContainsFunc(s.full, func(pods int) bool { return pods%few != 0 })
	if !rising || !whole {
		return fmt.Errorf("WHEELHOUSE_BENCH_PODS is %q, must be multiples of %d that rise: the cluster grows by Deployments of so many pods",
			s.asked["PODS"], few)
	}
	if pods := s.deployments * few; s.rate > pods {
		return fmt.Errorf("WHEELHOUSE_BENCH_CHURN is %d, must be at most %d: WHEELHOUSE_BENCH_DEPLOYMENTS have no more pods to end in a second",
			s.rate, pods)
	}
	if s.big < 2 {
		return fmt.Errorf("WHEELHOUSE_BENCH_BIG is %d, must be at least 2: a rollout of one pod has no steps", s.big)
	}
	return nil
}

// onlyOf reads names of scenarios, parted by commas.
func onlyOf(t *testing.T, text string) []string {
	t.Helper()
	only := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	for _, name := range only {
		if !slices.ContainsFunc(scenarios(), func(s scenario) bool { return s.name == name }) {
			t.Fatalf("WHEELHOUSE_BENCH_ONLY names %q, which is no scenario", name)
		}
	}
	return only
}

// has reports whether the scenario is to be measured.
func (s settings) has(scenario string) bool {
	return len(s.only) == 0 || slices.Contains(s.only, scenario)
}

// environment reads variables whose names begin with WHEELHOUSE_BENCH_.
type environment struct {
	t     *testing.T
	small bool              // whether the defaults are those for a try
	asked map[string]string // what was read
}

func (e environment) numbers(name, usual, small string) []int {
	e.t.Helper()
	text := os.Getenv("WHEELHOUSE_BENCH_" + name)
	switch {
	case text != "":
	case e.small:
		text = small
	default:
		text = usual
	}
	e.asked[name] = text
	var list []int
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n <= 0 {
			e.t.Fatalf("WHEELHOUSE_BENCH_%s is %q, in which %q is no positive number", name, text, word)
		}
		list = append(list, n)
	}
	return list
}

func (e environment) number(name, usual, small string) int {
	e.t.Helper()
	list := e.numbers(name, usual, small)
	if len(list) != 1 {
		e.t.Fatalf("WHEELHOUSE_BENCH_%s has %d numbers, must be one", name, len(list))
	}
	return list[0]
}
