package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// controller shows one controller in depth, or several beside each other; those of other people's programs as well.
func controller() *dashboard.DashboardBuilder {
	b := board(controllerUID, "Wheelhouse / Controller", "One controller in depth: its queue, its workers, what its reconciles come to and what they write.").
		WithVariable(variable("controller", "Controller", `wheelhouse_controller_state{cluster=~"$cluster", namespace=~"$namespace", job=~"$job"}`))
	controllerNow(b)
	controllerQueue(b)
	controllerReconciles(b)
	controllerWorkers(b)
	return b
}

// here returns the metric of the chosen controllers in the replicas that run them.
func here(metric string) string { return running(of(metric, ofController)) }

// queue is here for kube-controller-manager's families.
func queue(metric string) string { return running(named(of(metric, ofQueue))) }

func controllerNow(b *dashboard.DashboardBuilder) {
	const legend = "{{controller}}"
	row(b, "Now",
		number("Running", "bool_yes_no", "Whether some replica runs it, and whether it is Blocked: mostly since somebody else does its work.",
			query{most("controller", of("wheelhouse_controller_state", ofController, `state="Running"`)), legend},
			query{most("controller", of("wheelhouse_controller_state", ofController, `state="Blocked"`)), legend + " blocked"}),
		number("Depth", "short", "Keys that wait for a worker.",
			query{sum("controller", queue("workqueue_depth")), legend}),
		number("Oldest key", "s", "How long the key has waited for a worker that has waited longest.",
			query{most("controller", here("wheelhouse_oldest_key_seconds")), legend}).Thresholds(redFrom(60)),
		number("Workers busy", "percentunit", "Share of the workers that reconcile a key.",
			query{sum("controller", here("wheelhouse_workers_busy")) + " / " + sum("controller", here("wheelhouse_workers")), legend}),
		number("Failing keys", "short", "Keys that wait for their retry after an error.",
			query{sum("controller", here("wheelhouse_backoff_keys")), legend}).Thresholds(redFrom(1)),
		number("Blocked keys", "short", "Keys whose reconciles go well and can't do all that they should.",
			query{sum("controller", here("wheelhouse_blocked_keys")), legend}),
		number("Last success", "s", "How long ago a reconcile last succeeded. Long is no fault where there is nothing to do.",
			query{most("controller", here("wheelhouse_last_success_age_seconds")), legend}),
		number("Panics", "short", "Panics in the chosen time, of single reconciles and of Run.",
			query{panics("[$__range]"), legend}).Thresholds(redFrom(1)),
	)
}

// panics returns how many there were within a range.
func panics(within string) string {
	ended := sum("controller", "increase("+of("wheelhouse_controller_panics_total", ofController)+within+")")
	single := sum("controller", "increase("+of("wheelhouse_reconciles_total", ofController, `result="panic"`)+within+")")
	return ended + " + (" + single + " or 0 * " + ended + ")"
}

func controllerQueue(b *dashboard.DashboardBuilder) {
	row(b, "Queue",
		lines("Keys", "short", "Keys that wait for a worker, for their retry after an error (failing), or for a time to look at them again (delayed).",
			query{sum("controller", queue("workqueue_depth")), "{{controller}} ready"},
			query{sum("controller", here("wheelhouse_backoff_keys")), "{{controller}} failing"},
			query{sum("controller", here("wheelhouse_delayed_keys")), "{{controller}} delayed"},
			query{sum("controller", here("wheelhouse_blocked_keys")), "{{controller}} blocked"}),
		lines("Added and done", "ops", "Keys added to the queue, and reconciles that ended. If more are added for long, the queue grows.",
			query{sum("controller", running(named(rate(of("workqueue_adds_total", ofQueue))))), "{{controller}} added"},
			query{sum("controller", rate(of("wheelhouse_reconciles_total", ofController))), "{{controller}} done"}),
		lines("Wait", "s", "How long keys waited for a worker.",
			quantiles("name", "{{name}}", "workqueue_queue_duration_seconds", ofQueue)...),
		lines("Oldest key", "s", "How long the key has waited that has waited longest.",
			query{most("controller", here("wheelhouse_oldest_key_seconds")), "{{controller}}"}),
		lines("Retries", "percentunit", "Keys set to be added later, after an error or to look at them again, as a share of those added. They aren't all errors.",
			retries(ofQueue)),
		lines("Last success", "s", "How long ago a reconcile last succeeded.",
			query{most("controller", here("wheelhouse_last_success_age_seconds")), "{{controller}}"}),
	)
}

func controllerReconciles(b *dashboard.DashboardBuilder) {
	row(b, "Reconciles",
		lines("Results", "ops", "Reconciles by result; timeout is their own deadline, cancelled the end of the term, dropped an error for which no retry was left.",
			query{sum("controller, result", rate(of("wheelhouse_reconciles_total", ofController))), "{{controller}} {{result}}"}),
		lines("Work", "s", "How long reconciling a key took.",
			quantiles("name", "{{name}}", "workqueue_work_duration_seconds", ofQueue)...),
		lines("Work by result", "s", "How long reconciles took, by result, for all but a hundredth of them.",
			query{quantile(0.99, "controller, result", "wheelhouse_reconcile_duration_seconds", ofController), "{{controller}} {{result}} p99"}),
		lines("Panics", "short", "Panics of single reconciles and of Run.",
			query{panics("[$__rate_interval]"), "{{controller}}"}),
		lines("Writes", "reqps", "Writes by verb and resource.",
			query{sum("controller, verb, resource", rate(of("wheelhouse_writes_total", ofController))), "{{controller}} {{verb}} {{resource}}"}),
		lines("Writes by answer", "reqps", "Writes by status code.",
			query{sum("controller, code", rate(of("wheelhouse_writes_total", ofController))), "{{controller}} {{code}}"}),
	)
}

func controllerWorkers(b *dashboard.DashboardBuilder) {
	row(b, "Workers",
		lines("Workers", "short", "Keys that are being reconciled, and how many can be at once.",
			query{sum("controller", here("wheelhouse_workers_busy")), "{{controller}} busy"},
			query{sum("controller", here("wheelhouse_workers")), "{{controller}} at most"}),
		lines("Running reconciles", "s", "How long the longest running reconcile has been running, and all of them together.",
			query{most("name", of("workqueue_longest_running_processor_seconds", ofQueue)), "{{name}} longest"},
			query{sum("name", of("workqueue_unfinished_work_seconds", ofQueue)), "{{name}} together"}),
		lines("States", "short", "Replicas by the state in which the controller is there.",
			query{sum("controller, state", of("wheelhouse_controller_state", ofController)) + " > 0", "{{controller}} {{state}}"}),
	)
}
