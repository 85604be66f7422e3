package failover

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// entry is what the API server's audit log says of a request that it has answered.
type entry struct {
	Verb      string `json:"verb"`
	User      struct{ Username string }
	ObjectRef struct {
		Resource, Subresource, Namespace, Name string
	} `json:"objectRef"`
	ResponseStatus           struct{ Code int }
	RequestReceivedTimestamp time.Time
	StageTimestamp           time.Time
}

// audit returns what happened in the namespace, in the order in which it was answered.
func audit(t *testing.T, ns string) []entry {
	t.Helper()
	file, err := os.Open(filepath.Join(shared.Dir, "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var entries []entry
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one entry
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			continue // the last line may be written at this moment
		}
		if one.ObjectRef.Namespace == ns {
			entries = append(entries, one)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return a.StageTimestamp.Compare(b.StageTimestamp) })
	return entries
}

// isCommittedWrite reports whether the user's request changed something. Events and leases don't count: they decide on nothing that
// a controller does.
func (e entry) isCommittedWrite(user string) bool {
	return e.User.Username == user && e.ResponseStatus.Code < 300 &&
		slices.Contains([]string{"create", "update", "patch", "delete"}, e.Verb) &&
		!slices.Contains([]string{"events", "leases"}, e.ObjectRef.Resource)
}

// leaseWrites returns when the user's writes on the lease were answered.
func leaseWrites(entries []entry, user string) []time.Time {
	var times []time.Time
	for _, e := range entries {
		if e.User.Username == user && e.ObjectRef.Resource == "leases" && e.ResponseStatus.Code < 300 &&
			slices.Contains([]string{"create", "update"}, e.Verb) {
			times = append(times, e.StageTimestamp)
		}
	}
	return times
}

// writesAfter counts the user's writes that were answered after a time.
func writesAfter(entries []entry, user string, after time.Time) int {
	n := 0
	for _, e := range entries {
		if e.isCommittedWrite(user) && e.StageTimestamp.After(after) {
			n++
		}
	}
	return n
}

// lastWrite returns when the user's last write was answered.
func lastWrite(entries []entry, user string) time.Time {
	var last time.Time
	for _, e := range entries {
		if e.isCommittedWrite(user) {
			last = e.StageTimestamp
		}
	}
	return last
}
