package status_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
)

// now is when all questions are asked.
func now() time.Time { return time.Unix(1_000_000, 0) }

// asked is a key of the running controller sets in that state, of which there are these records.
func asked(state worker.KeyState, records ...worker.Record) status.KeyDetail {
	return status.KeyDetail{
		Time:       now(),
		Controller: manager.Status{Controller: "sets", State: manager.Running},
		History:    worker.History{KeyState: state, Records: records},
	}
}

// onStandby is the key where the controller stands by and the other replica holds the lease, if it has a name.
func onStandby(other string, d status.KeyDetail) status.KeyDetail {
	d.Controller.State, d.Lease = manager.Standby, &status.Lease{Holder: other}
	return d
}

// ended is a record of a reconcile of one second that ended three seconds ago.
func ended(result string) worker.Record {
	return worker.Record{Started: now().Add(-4 * time.Second), Duration: metav1.Duration{Duration: time.Second}, Result: result}
}

func TestAnswer(t *testing.T) {
	waiting := worker.KeyState{State: worker.Waiting, Due: now().Add(9 * time.Minute)}
	failing := worker.KeyState{State: worker.Waiting, Due: now().Add(5 * time.Second), Failures: 3, FailingSince: now().Add(-time.Minute), LastError: "timeout"}
	blocked := worker.KeyState{State: worker.Idle, Blocked: "exceeded quota", BlockedSince: now().Add(-11 * time.Minute)}
	both := failing
	both.Blocked, both.BlockedSince = blocked.Blocked, blocked.BlockedSince
	dropped := ended("dropped")
	dropped.Error, dropped.Failures = "no such image", 5
	const onEvent = "It is looked at again when something happens to it."
	const succeeded = "Its last reconcile succeeded 3s ago and named nothing in its way."
	tests := []struct {
		name   string
		detail status.KeyDetail
		want   string
		done   bool
		reason string
	}{
		{"looked at again, as a rollout is", asked(waiting, ended("success")),
			succeeded + " It is looked at again in 9m, or as soon as something happens to it.", true, ""},
		{"succeeded", asked(worker.KeyState{State: worker.Idle}, ended("success")), succeeded + " " + onEvent, true, ""},
		{"succeeded before a term ended", asked(worker.KeyState{State: worker.Ready, Since: now().Add(-time.Second)}, ended("cancelled"), ended("success")),
			succeeded + " It has been in the queue for 1.0s, for a worker to take it.", true, ""},
		{"reconciled anew", asked(worker.KeyState{State: worker.Running, Since: now().Add(-2 * time.Second)}, ended("success")),
			succeeded + " A worker has been reconciling it for 2.0s.", true, ""},
		{"waiting, without a record left", asked(waiting), "It is looked at again in 9m, or as soon as something happens to it.", true, ""},
		{"unknown", asked(worker.KeyState{State: worker.Idle}),
			"Nothing is known of it: there is no such object, or nothing has happened to it for as long as records are kept.", true, ""},
		{"failing", asked(failing, ended("error")),
			"It has failed 3 times in a row, for 60s. It is tried again in 5s, or as soon as something happens to it.", false, "timeout"},
		{"blocked", asked(blocked, ended("success")),
			"It is reconciled without an error, and something has kept that from doing all it should for 11m. " + onEvent, false, "exceeded quota"},
		{"failing since it was blocked", asked(both, ended("error"), ended("success")),
			"It has failed 3 times in a row, for 60s. Before that, something kept it from doing all it should for 10m: exceeded quota. " +
				"It is tried again in 5s, or as soon as something happens to it.", false, "timeout; before that: exceeded quota"},
		{"given up", asked(worker.KeyState{State: worker.Idle}, dropped), "It was given up 3s ago, after 5 failures. " + onEvent, false, "no such image"},
		{"given up, and in the queue again", asked(worker.KeyState{State: worker.Ready, Since: now().Add(-time.Second)}, dropped),
			"It was given up 3s ago, after 5 failures. It has been in the queue for 1.0s, for a worker to take it.", false, "no such image"},
		{"failing after it was given up", asked(failing, ended("error"), dropped),
			"It has failed 3 times in a row, for 60s. It is tried again in 5s, or as soon as something happens to it.", false, "timeout"},
		{"run by another replica", onStandby("pod-1", asked(worker.KeyState{State: worker.Idle})),
			"sets is run by pod-1, not by this replica: ask that one.", true, ""},
		{"run by another replica, and by this one before", onStandby("pod-1", asked(both, ended("success"))),
			"sets is run by pod-1, not by this replica: ask that one. The records here are of when this replica ran it.", true, ""},
		{"run by nobody", onStandby("", asked(worker.KeyState{State: worker.Idle})),
			"sets doesn't work here: it is Standby. Nothing is known of it here.", true, ""},
		{"run by nobody, and by this replica before", onStandby("", asked(worker.KeyState{State: worker.Idle}, dropped)),
			"sets doesn't work here: it is Standby. It was given up 3s ago, after 5 failures. " + onEvent, false, "no such image"},
		{"done after it was given up", asked(worker.KeyState{State: worker.Idle}, ended("success"), dropped), succeeded + " " + onEvent, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, strings.Join(tt.detail.Answer(), " ")); diff != "" {
				t.Errorf("answer (-want +got)\n%s", diff)
			}
			if done, reason := tt.detail.Done(), tt.detail.Reason(); done != tt.done || reason != tt.reason {
				t.Errorf("done is %t for the reason %q, want %t and %q", done, reason, tt.done, tt.reason)
			}
		})
	}
}
