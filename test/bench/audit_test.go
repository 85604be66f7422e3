package bench

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// entry is what the API server's audit log says of a request.
type entry struct {
	Stage     string
	Verb      string
	User      struct{ Username string }
	ObjectRef struct {
		Resource, Subresource, Namespace string
	}
	ResponseStatus           struct{ Code int }
	RequestReceivedTimestamp time.Time
	StageTimestamp           time.Time
}

// counts reports whether the entry is the one of its request that counts: watches have one when they begin too, others but one.
func (e entry) counts() bool {
	return e.Verb == "watch" && e.Stage == "ResponseStarted" || e.Verb != "watch" && e.Stage == "ResponseComplete"
}

func (e entry) kind() record.Request {
	resource := e.ObjectRef.Resource
	switch {
	case resource == "":
		resource = "-" // a path such as /version
	case e.ObjectRef.Subresource != "":
		resource += "/" + e.ObjectRef.Subresource
	}
	return record.Request{Verb: e.Verb, Resource: resource, Code: e.ResponseStatus.Code}
}

// audit is the API server's audit log, as far as it was read.
type audit struct {
	file *os.File
	rest []byte             // the beginning of a line that was being written
	seen map[string][]entry // by user
}

func openAudit(t *testing.T, dir string) *audit {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return &audit{file: file, seen: map[string][]entry{}}
}

// of returns what the user has asked for since it was forgotten.
func (a *audit) of(t *testing.T, user string) []entry {
	t.Helper()
	text, err := io.ReadAll(a.file)
	if err != nil {
		t.Fatalf("read the audit log: %v", err)
	}
	text = append(a.rest, text...)
	end := bytes.LastIndexByte(text, '\n') + 1
	a.rest = bytes.Clone(text[end:])
	for line := range bytes.Lines(text[:end]) {
		a.note(t, line)
	}
	return a.seen[user]
}

// note keeps the entry of a line if it is one of the programs'.
func (a *audit) note(t *testing.T, line []byte) {
	t.Helper()
	if !bytes.Contains(line, []byte(`"username":"`+userPrefix)) {
		return
	}
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		t.Fatalf("understand a line of the audit log: %v", err)
	}
	if e.counts() {
		a.seen[e.User.Username] = append(a.seen[e.User.Username], e)
	}
}

// forget begins anew to note what the user asks for.
func (a *audit) forget(t *testing.T, user string) {
	t.Helper()
	a.of(t, user)
	delete(a.seen, user)
}

// count counts entries by kind.
func count(entries []entry) record.Requests {
	counts := record.Requests{}
	for _, e := range entries {
		counts[e.kind()]++
	}
	return counts
}
