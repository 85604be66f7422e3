package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// Answer says in sentences what is known of why the key is not done. That it is done it never says: a reconcile that succeeds has done
// what it could, and only its controller knows whether that was all.
func (d KeyDetail) Answer() []string {
	if d.elsewhere() {
		return d.aboutOther()
	}
	var sentences []string
	for _, s := range []string{d.aboutController(), d.aboutFailures(), d.aboutBlock(), d.aboutSuccess(), d.aboutState()} {
		if s != "" {
			sentences = append(sentences, s)
		}
	}
	return sentences
}

// Done reports whether nothing is known to keep the key from being done. Where another replica runs the controller, what is known here is
// old.
func (d KeyDetail) Done() bool {
	return d.elsewhere() || d.Failures == 0 && d.Blocked == "" && !d.givenUp()
}

// Reason returns what the last reconcile said is in the way, "" if nothing is. An error, which may pass, doesn't hide what was in the way
// before.
func (d KeyDetail) Reason() string {
	switch {
	case d.elsewhere():
		return ""
	case d.Failures > 0 && d.Blocked != "":
		return d.LastError + "; before that: " + d.Blocked
	case d.Failures > 0:
		return d.LastError
	case d.givenUp():
		return d.last().Error
	}
	return d.Blocked
}

// last returns the newest record of a reconcile that came to an end of its own, or nil: one that the end of a term cut short says nothing
// of the key.
func (d KeyDetail) last() *worker.Record {
	for i := range d.Records {
		if d.Records[i].Result != "cancelled" {
			return &d.Records[i]
		}
	}
	return nil
}

// givenUp reports whether the key failed until it had no retry left.
func (d KeyDetail) givenUp() bool {
	last := d.last()
	return d.Failures == 0 && last != nil && last.Result == "dropped"
}

// elsewhere reports whether another replica runs the controller.
func (d KeyDetail) elsewhere() bool {
	return d.Controller.State == manager.Standby && d.Lease != nil && d.Lease.Holder != "" && !d.Lease.Leads
}

// aboutOther says who knows how the key is.
func (d KeyDetail) aboutOther() []string {
	sentences := []string{fmt.Sprintf("%s is run by %s, not by this replica: ask that one.", d.Controller.Controller, d.Lease.Holder)}
	if len(d.Records) > 0 {
		sentences = append(sentences, "The records here are of when this replica ran it.")
	}
	return sentences
}

// aboutController says why nobody here works on the key, "" if somebody does.
func (d KeyDetail) aboutController() string {
	name := d.Controller.Controller
	switch {
	case d.Controller.State == manager.Running:
		return ""
	case d.Controller.Reason != "":
		return fmt.Sprintf("%s doesn't work here: it is %s (%s).", name, d.Controller.State, d.Controller.Reason)
	}
	return fmt.Sprintf("%s doesn't work here: it is %s.", name, d.Controller.State)
}

func (d KeyDetail) aboutFailures() string {
	switch {
	case d.givenUp():
		return fmt.Sprintf("It was given up %s, after %s.", Relative(d.Time, ended(*d.last())), times(d.last().Failures))
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

func (d KeyDetail) aboutBlock() string {
	switch {
	case d.Blocked == "":
		return ""
	case d.Failures > 0:
		return fmt.Sprintf("Before that, something kept it from doing all it should for %s: %s.",
			Short(d.FailingSince.Sub(d.BlockedSince).Round(time.Second)), d.Blocked)
	}
	return fmt.Sprintf("It is reconciled without an error, and something has kept that from doing all it should for %s.",
		Short(d.Time.Sub(d.BlockedSince).Round(time.Second)))
}

func (d KeyDetail) aboutSuccess() string {
	last := d.last()
	if last == nil || last.Result != "success" || !d.Done() {
		return ""
	}
	return fmt.Sprintf("Its last reconcile succeeded %s and named nothing in its way.", Relative(d.Time, ended(*last)))
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
		verb := "looked at"
		if d.Failures > 0 {
			verb = "tried"
		}
		return fmt.Sprintf("It is %s again %s, or as soon as something happens to it.", verb, Relative(d.Time, d.Due))
	}
	switch {
	case len(d.Records) > 0 || !d.Done():
		return "It is looked at again when something happens to it."
	case d.Controller.State != manager.Running:
		return "Nothing is known of it here."
	}
	return "Nothing is known of it: there is no such object, or nothing has happened to it for as long as records are kept."
}

// ended returns when the reconcile did.
func ended(r worker.Record) time.Time { return r.Started.Add(r.Duration.Duration) }
