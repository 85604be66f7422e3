package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// overview shows all controllers of a release beside each other.
func overview() *dashboard.DashboardBuilder {
	b := board(overviewUID, "Wheelhouse / Overview", "Who leads, whether each controller gets on, and what the API server and the caches do.")
	overviewNow(b)
	overviewControllers(b)
	overviewLeadership(b)
	overviewCaches(b)
	requests(b)
	process(b)
	return b
}

func overviewNow(b *dashboard.DashboardBuilder) {
	states := of("wheelhouse_controller_state", `state="Running"`)
	elsewhere := most("controller", of("wheelhouse_controller_state", `state="Blocked"`))
	row(b, "Now",
		number("Replicas", "short", "Replicas that are scraped.",
			query{"count(" + of("wheelhouse_build_info") + ")", ""}),
		number("Leases held", "short", "Leases that a replica holds: 1, or one for each controller with --leader-elect-scope=controller.",
			query{"sum(" + of("leader_election_master_status") + ")", ""}),
		number("Controllers at work", "short", "Controllers that some replica runs, and those that are Blocked since somebody else does their work.",
			query{"sum(" + most("controller", states) + ")", "running"},
			query{"sum(" + elsewhere + ")", "blocked"}),
		number("Controllers not running", "short", "Controllers that no replica runs, though nobody else was seen to do their work. Which: the table below.",
			query{"count(" + most("controller", states) + " == 0 unless on (controller) " + elsewhere + " == 1) or vector(0)", ""}).Thresholds(redFrom(1)),
		number("Oldest key", "s", "How long the key has waited for a worker that has waited longest.",
			query{"max(" + running(of("wheelhouse_oldest_key_seconds")) + ")", ""}).Thresholds(redFrom(60)),
		number("Failing keys", "short", "Keys that wait for their retry after an error.",
			query{"sum(" + running(of("wheelhouse_backoff_keys")) + ")", ""}).Thresholds(redFrom(1)),
		number("Blocked keys", "short", "Keys whose reconciles go well and can't do all that they should, as when a quota forbids it.",
			query{"sum(" + running(of("wheelhouse_blocked_keys")) + ")", ""}),
		number("Versions", "short", "Replicas by version. There are two during an upgrade.",
			query{"count by (version) (" + of("wheelhouse_build_info") + ")", "{{version}}"}),
	)
}

func overviewControllers(b *dashboard.DashboardBuilder) {
	const by = "controller"
	failed := of("wheelhouse_reconciles_total", `result=~"error|panic|timeout|dropped"`)
	row(b, "Controllers",
		table("Controllers", by, "What each controller does now, in the replica that runs it. Its name leads to more.",
			column{"running", "bool_yes_no", most(by, of("wheelhouse_controller_state", `state="Running"`))},
			column{"blocked", "bool_yes_no", most(by, of("wheelhouse_controller_state", `state="Blocked"`))},
			column{"depth", "short", sum(by, running(named(of("workqueue_depth"))))},
			column{"oldest key", "s", most(by, running(of("wheelhouse_oldest_key_seconds")))},
			column{"reconciles", "ops", sum(by, rate(of("wheelhouse_reconciles_total")))},
			column{"errors", "ops", sum(by, rate(failed))},
			column{"failing keys", "short", sum(by, running(of("wheelhouse_backoff_keys")))},
			column{"blocked keys", "short", sum(by, running(of("wheelhouse_blocked_keys")))},
			column{"last success", "s", most(by, running(of("wheelhouse_last_success_age_seconds")))}),
		lines("Depth", "short", "Keys that wait for a worker.",
			query{sum(by, running(named(of("workqueue_depth")))), "{{controller}}"}),
		lines("Oldest key", "s", "How long the key has waited that has waited longest.",
			query{most(by, running(of("wheelhouse_oldest_key_seconds"))), "{{controller}}"}),
		lines("Reconciles", "ops", "Reconciles that ended, whatever came of them.",
			query{sum(by, rate(of("wheelhouse_reconciles_total"))), "{{controller}}"}),
		lines("Errors", "percentunit", "Share of reconciles that ended with an error, a panic or past their deadline.",
			query{share(by, rate(failed), rate(of("wheelhouse_reconciles_total"))), "{{controller}}"}),
		lines("Retries", "percentunit", "Keys set to be added later, after an error or to look at them again, as a share of those added. They aren't all errors.",
			retries()),
		lines("Failing and blocked keys", "short", "Keys that wait for their retry, and keys that something keeps from their goal, as a quota.",
			query{sum(by, running(of("wheelhouse_backoff_keys"))), "{{controller}} failing"},
			query{sum(by, running(of("wheelhouse_blocked_keys"))), "{{controller}} blocked"}),
	)
}

func overviewLeadership(b *dashboard.DashboardBuilder) {
	row(b, "Leadership",
		lines("Who leads", "short", "1 for the replica that holds the lease.",
			query{most("name, instance, pod", of("leader_election_master_status")), "{{name}} {{instance}} {{pod}}"}),
		lines("Terms ended", "short", "How: drained in order; expired, as it could not be renewed in time; taken by another holder; vacated by hand.",
			query{sum("name, how", increase(of("wheelhouse_terms_ended_total"))), "{{name}} {{how}}"}),
		lines("Writes refused by the fence", "short", "Writes that were not let through as their term was over, or, with no_term, as they had none: a mistake in a controller.",
			query{sum("name, reason", increase(of("wheelhouse_fence_refused_total"))), "{{name}} {{reason}}"}),
	)
}

func overviewCaches(b *dashboard.DashboardBuilder) {
	row(b, "Caches",
		lines("Objects", "short", "Objects in the cache of the replica that has most.",
			query{most("resource", of("wheelhouse_cache_objects")), "{{resource}}"}),
		lines("Size", "bytes", "Their size as protobuf, of many estimated by a sample. In memory they take two to four times as much.",
			query{most("resource", of("wheelhouse_cache_bytes")), "{{resource}}"}),
		lines("Watches", "s", "How long ago the watch last brought something, where that is longest ago. After 40 s it is begun anew.",
			query{most("resource", of("wheelhouse_watch_idle_seconds")), "{{resource}}"}),
	)
}
