package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// Answer says in sentences why the key is not done, or that it is.
func (d KeyDetail) Answer() []string {
	var sentences []string
	if s := d.aboutController(); s != "" {
		sentences = append(sentences, s)
	}
	if s := d.aboutFailures(); s != "" {
		sentences = append(sentences, s)
	}
	if d.Blocked != "" {
		sentences = append(sentences, fmt.Sprintf("It is reconciled without an error, and something has kept that from doing all it should for %s.",
			Short(d.Time.Sub(d.BlockedSince).Round(time.Second))))
	}
	return append(sentences, d.aboutState())
}

// Done reports whether nothing is known to keep the key from being done.
func (d KeyDetail) Done() bool { return d.Failures == 0 && d.Blocked == "" }

// Reason returns what the last reconcile said is in the way, "" if nothing is.
func (d KeyDetail) Reason() string {
	if d.Failures > 0 {
		return d.LastError
	}
	return d.Blocked
}

// aboutController says why nobody here works on the key, "" if somebody does.
func (d KeyDetail) aboutController() string {
	name := d.Controller.Controller
	switch {
	case d.Controller.State == manager.Running:
		return ""
	case d.Controller.State == manager.Standby && d.Lease != nil && d.Lease.Holder != "" && !d.Lease.Leads:
		return fmt.Sprintf("%s is run by %s, not by this replica: ask that one.", name, d.Lease.Holder)
	case d.Controller.Reason != "":
		return fmt.Sprintf("%s doesn't work here: it is %s (%s).", name, d.Controller.State, d.Controller.Reason)
	}
	return fmt.Sprintf("%s doesn't work here: it is %s.", name, d.Controller.State)
}

func (d KeyDetail) aboutFailures() string {
	switch {
	case d.Failures == 0 && d.State == worker.Idle && len(d.Records) > 0 && d.Records[0].Result == "dropped":
		return fmt.Sprintf("It was given up %s, after %s.", Relative(d.Time, ended(d.Records[0])), times(d.Records[0].Failures))
	case d.Failures == 0:
		return ""
	case d.Failures == 1:
		return fmt.Sprintf("Its last reconcile failed, %s.", Relative(d.Time, d.FailingSince))
	}
	return fmt.Sprintf("It has failed %d times in a row, for %s.", d.Failures, Short(d.Time.Sub(d.FailingSince).Round(time.Second)))
}

func times(failures int) string {
	if failures == 1 {
		return "one failure"
	}
	return fmt.Sprintf("%d failures", failures)
}

func (d KeyDetail) aboutState() string {
	switch d.State {
	case worker.Running:
		text := fmt.Sprintf("A worker has been reconciling it for %s.", Short(d.Time.Sub(d.Since)))
		if len(d.Pending) > 0 {
			text += " Then it is reconciled once more: " + strings.Join(Pending(d.KeyState), "; ") + "."
		}
		return text
	case worker.Ready:
		return fmt.Sprintf("It has been in the queue for %s, for a worker to take it.", Short(d.Time.Sub(d.Since)))
	case worker.Waiting:
		if d.Failures > 0 {
			return fmt.Sprintf("It is tried again %s, or as soon as something happens to it.", Relative(d.Time, d.Due))
		}
		text := fmt.Sprintf("It is looked at again %s, or as soon as something happens to it.", Relative(d.Time, d.Due))
		if d.Blocked == "" {
			text = "All is done for now. " + text
		}
		return text
	}
	return d.aboutIdle()
}

func (d KeyDetail) aboutIdle() string {
	switch {
	case len(d.Records) == 0:
		return "Nothing is known of it: there is no such object, or nothing has happened to it for as long as records are kept."
	case d.Records[0].Result == "success" && d.Blocked == "":
		return fmt.Sprintf("It is done: its last reconcile succeeded %s. It is looked at again when something happens to it.",
			Relative(d.Time, ended(d.Records[0])))
	}
	return "It is looked at again when something happens to it."
}

// ended returns when the reconcile did.
func ended(r worker.Record) time.Time { return r.Started.Add(r.Duration.Duration) }
