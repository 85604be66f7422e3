package main

import (
	"fmt"
	"strings"
)

// query is an expression, and what its series are called, such as {{controller}}.
type query struct{ expression, legend string }

const (
	// chosen is what the variables that all dashboards have choose.
	chosen = `cluster=~"$cluster", namespace=~"$namespace", job=~"$job", pod=~"$pod"`
	// replica are the labels that tell one replica from others.
	replica = "cluster, namespace, job, instance"
	// ofController chooses by the variable that the dashboard of one controller has.
	ofController = `controller=~"$controller"`
	// ofQueue does so for the families that have kube-controller-manager's labels.
	ofQueue = `name=~"$controller"`
)

// of returns a selector of the metric in the chosen replicas.
func of(metric string, matchers ...string) string {
	return fmt.Sprintf("%s{%s}", metric, strings.Join(append([]string{chosen}, matchers...), ", "))
}

// running leaves the series of replicas that run the controller: what a standby's queue collects is nobody's backlog, and what a former
// leader counted stays as it was.
func running(series string) string {
	return fmt.Sprintf(`%s and on (%s, controller) %s == 1`, series, replica, of("wheelhouse_controller_state", `state="Running"`))
}

// named gives series with kube-controller-manager's label "name" the label "controller".
func named(series string) string {
	return fmt.Sprintf(`label_replace(%s, "controller", "$1", "name", "(.*)")`, series)
}

func rate(counter string) string { return fmt.Sprintf("rate(%s[$__rate_interval])", counter) }

func increase(counter string) string { return fmt.Sprintf("increase(%s[$__rate_interval])", counter) }

func sum(by, series string) string { return fmt.Sprintf("sum by (%s) (%s)", by, series) }

func most(by, series string) string { return fmt.Sprintf("max by (%s) (%s)", by, series) }

// quantile returns a quantile of a histogram's observations.
func quantile(q float64, by, histogram string, matchers ...string) string {
	return fmt.Sprintf("histogram_quantile(%v, %s)", q, sum(by+", le", rate(of(histogram+"_bucket", matchers...))))
}

// share returns what part of a rate another one is, and 0 where nothing happened.
func share(by, part, whole string) string {
	return fmt.Sprintf("%s / (%s > 0) or 0 * %s", sum(by, part), sum(by, whole), sum(by, whole))
}

// retries returns what share of the keys that are added to a queue are retries. A standby's queue has some added, and retries none.
func retries(matchers ...string) query {
	each := func(counter string) string { return running(named(rate(of(counter, matchers...)))) }
	return query{share("controller", each("workqueue_retries_total"), each("workqueue_adds_total")), "{{controller}}"}
}

// quantiles returns the queries for the half and for all but a hundredth.
func quantiles(by, legend, histogram string, matchers ...string) []query {
	return []query{
		{quantile(0.5, by, histogram, matchers...), legend + " p50"},
		{quantile(0.99, by, histogram, matchers...), legend + " p99"},
	}
}
