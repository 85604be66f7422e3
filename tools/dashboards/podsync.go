package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// podsync shows what podsync observes: the pods of the cluster.
func podsync() *dashboard.DashboardBuilder {
	b := board(podsyncUID, "Wheelhouse / Pods", "What podsync observes: phases, pods that are stuck, and how long it takes until pods are ready.")
	stuck := podsyncs(of("wheelhouse_podsync_stuck_pods"))
	row(b, "Now",
		number("Pods", "short", "Observed pods.",
			query{"sum(" + podsyncs(of("wheelhouse_podsync_pods")) + ")", ""}),
		number("Pending", "short", "Pods none of whose containers has run yet.",
			query{"sum(" + podsyncs(of("wheelhouse_podsync_pods", `phase="Pending"`)) + ")", ""}),
		number("Stuck", "short", "Pods that don't get on.",
			query{"sum(" + stuck + ")", ""}).Thresholds(redFrom(1)),
		number("Restarts", "short", "Restarts of containers in the chosen time.",
			query{"sum(increase(" + of("wheelhouse_podsync_container_restarts_total") + "[$__range]))", ""}),
	)
	row(b, "Pods",
		lines("Pods by phase", "short", "Observed pods by phase.",
			query{sum("phase", podsyncs(of("wheelhouse_podsync_pods"))), "{{phase}}"}),
		lines("Stuck pods", "short", "Pods that don't get on, by the first reason for it.",
			query{sum("reason", stuck), "{{reason}}"}),
		lines("Restarts", "ops", "Restarts of containers, init and sidecar containers among them.",
			query{"sum(" + rate(of("wheelhouse_podsync_container_restarts_total")) + ")", "restarts"}),
	)
	row(b, "From creation",
		until("scheduled", "How long after their creation pods were scheduled."),
		until("started", "How long after their creation the first container of pods ran, init containers aside."),
		until("ready", "How long after their creation pods first became ready."),
	)
	return b
}

// podsyncs leaves the series of the replica that runs podsync.
func podsyncs(series string) string {
	return series + " and on (" + replica + ") " + of("wheelhouse_controller_state", `controller="podsync"`, `state="Running"`) + " == 1"
}

func until(what, description string) cog.Builder[dashboard.Panel] {
	return lines("Until "+what, "s", description+" Taken from times in whole seconds.",
		quantiles("job", "{{job}}", "wheelhouse_podsync_time_to_"+what+"_seconds")...)
}
