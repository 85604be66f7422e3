package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// requests shows what the API server is asked and how it answers.
func requests(b *dashboard.DashboardBuilder) {
	row(b, "API server",
		lines("Requests by answer", "reqps", "Requests by status code; 409 is a conflict, 429 an overloaded server, <error> none at all.",
			query{sum("code", rate(of("rest_client_requests_total"))), "{{code}}"}),
		lines("Requests by method", "reqps", "Requests by method.",
			query{sum("method", rate(of("rest_client_requests_total"))), "{{method}}"}),
		lines("Answers take", "s", "Time until the head of the answer, by verb, for all but a hundredth of the requests.",
			query{quantile(0.99, "verb", "rest_client_request_duration_seconds"), "{{verb}} p99"}),
		lines("Waits for the own rate limit", "s", "How long requests waited for the limit of --kube-api-qps.",
			quantiles("job", "{{job}}", "rest_client_rate_limiter_duration_seconds")...),
		lines("Writes", "reqps", "Writes by controller, verb and resource.",
			query{sum("controller, verb, resource", rate(of("wheelhouse_writes_total"))), "{{controller}} {{verb}} {{resource}}"}),
		lines("Writes by answer", "reqps", "Writes by controller and status code.",
			query{sum("controller, code", rate(of("wheelhouse_writes_total"))), "{{controller}} {{code}}"}),
	)
}

// process shows the programs themselves.
func process(b *dashboard.DashboardBuilder) {
	const by, legend = "instance, pod", "{{instance}} {{pod}}"
	row(b, "Process",
		lines("Processor", "short", "Processors in use.",
			query{sum(by, rate(of("process_cpu_seconds_total"))), legend}),
		lines("Memory", "bytes", "Resident memory.",
			query{sum(by, of("process_resident_memory_bytes")), legend}),
		lines("Goroutines", "short", "Goroutines. A number that only grows is a leak.",
			query{sum(by, of("go_goroutines")), legend}),
		lines("Heap", "bytes", "Heap in use.",
			query{sum(by, of("go_memstats_heap_inuse_bytes")), legend}),
		lines("Running since", "s", "How long ago the process started. A fall to 0 is a restart.",
			query{"time() - " + most(by, of("process_start_time_seconds")), legend}),
		lines("Open files", "short", "Open file descriptors, connections among them.",
			query{sum(by, of("process_open_fds")), legend}),
		lines("Certificates", "s", "How long the certificates last that are shown to those who connect, and to API servers.",
			query{"min by (use, " + by + ") (" + of("wheelhouse_certificate_expiry_timestamp_seconds") + ") - time()", "{{use}} " + legend}),
	)
}
