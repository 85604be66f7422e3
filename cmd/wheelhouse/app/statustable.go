package app

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
)

// text is what is written for people. It never fails: whoever reads from it gets all or an error.
type text struct{ strings.Builder }

func (t *text) line(format string, values ...any) { fmt.Fprintf(t, format+"\n", values...) }

// table writes rows under their heads, with a blank line before. A table without rows is left out.
func (t *text) table(title, heads string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	t.line("")
	if title != "" {
		t.line("%s", title)
	}
	w := tabwriter.NewWriter(t, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, heads)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = plain(cell)
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // into memory
}

// to writes the text, without the blanks that tables leave at the ends of lines.
func (t *text) to(out io.Writer) error {
	var trimmed strings.Builder
	for line := range strings.Lines(t.String()) {
		trimmed.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	_, err := io.WriteString(out, trimmed.String())
	return err
}

// plain keeps what comes from the cluster from steering the terminal.
func plain(cell string) string {
	if cell == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, cell)
}

func writeProcess(out io.Writer, p status.Process) error {
	var t text
	t.line("%s, %s, up for %s. %s", plain(p.Identity), plain(p.Version), status.Short(p.Uptime.Duration), plain(p.Role()))
	var rows [][]string
	for _, c := range p.Controllers {
		rows = append(rows, controllerRow(p.Time, c))
	}
	t.table("", "CONTROLLER\tSTATE\tSINCE\tBUSY\tQUEUE\tOLDEST\tFAILING\tBLOCKED\tRECONCILES/MIN\tERRORS/MIN\tLAST SUCCESS\tLAST ERROR", rows)
	rows = nil
	for _, trouble := range p.Troubles() {
		rows = append(rows, []string{trouble.Controller, trouble.What, trouble.Key.String(), trouble.Why})
	}
	t.table("Needs attention:", "CONTROLLER\tWHAT\tKEY\tWHY", rows)
	rows = nil
	for _, c := range p.Caches {
		rows = append(rows, []string{c.Resource, fmt.Sprint(c.Objects), status.Size(c.Bytes), ago(c.Idle.Duration), cacheState(c)})
	}
	t.table("", "CACHE\tOBJECTS\tSIZE\tWATCH MOVED\tSTATE", rows)
	return t.to(out)
}

func ago(d time.Duration) string { return status.Short(d) + " ago" }

func cacheState(c manager.Cache) string {
	switch {
	case c.Error != "":
		return c.Error
	case c.Synced:
		return "filled"
	}
	return "being filled"
}

func controllerRow(now time.Time, c status.Controller) []string {
	row := []string{c.Controller, string(c.State), relative(now, c.Since)}
	w := c.Work
	if w == nil {
		return append(row, "", "", "", "", "", "", "", "", "")
	}
	oldest, failed := "", ""
	if w.OldestKey.Name != "" {
		oldest = status.Short(w.Oldest.Duration)
	}
	if w.LastError != nil {
		failed = relative(now, w.LastError.Started)
	}
	return append(row, fmt.Sprintf("%d/%d", w.Busy, w.Workers), fmt.Sprint(w.Depth), oldest, fmt.Sprint(w.Failing), fmt.Sprint(w.Blocked),
		fmt.Sprint(w.Reconciles), fmt.Sprint(w.Errors), relative(now, w.LastSuccess), failed)
}

func relative(now, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return status.Relative(now, t)
}

// maxLines is how many records a table shows; -o json has all that the page has.
const maxLines = 20

func writeController(out io.Writer, d status.ControllerDetail) error {
	var t text
	t.line("%s has been %s for %s.", plain(d.Status.Controller), d.State, status.Short(d.Time.Sub(d.Since).Round(time.Second)))
	for _, reason := range []string{d.Reason, d.Stale} {
		if reason != "" {
			t.line("%s", plain(reason))
		}
	}
	t.table("", "CONTROLLER\tSTATE\tSINCE\tBUSY\tQUEUE\tOLDEST\tFAILING\tBLOCKED\tRECONCILES/MIN\tERRORS/MIN\tLAST SUCCESS\tLAST ERROR",
		[][]string{controllerRow(d.Time, d.Controller)})
	var rows [][]string
	for _, s := range d.Failing {
		rows = append(rows, []string{s.Key.String(), fmt.Sprint(s.Failures), relative(d.Time, s.FailingSince), relative(d.Time, s.Due), s.LastError})
	}
	t.table("Failing keys:", "KEY\tIN A ROW\tSINCE\tNEXT TRY\tLAST ERROR", rows)
	rows = nil
	for _, s := range d.Blocked {
		rows = append(rows, []string{s.Key.String(), relative(d.Time, s.BlockedSince), relative(d.Time, s.Due), s.Blocked})
	}
	t.table("Blocked keys:", "KEY\tSINCE\tNEXT LOOK\tIN THE WAY", rows)
	t.table("Newest records:", "BEGAN\tKEY\tRESULT\tWAITED\tTOOK\tAGAIN\tWHY\tWRITTEN\tERROR", recordRows(d.Time, d.Records, true))
	return t.to(out)
}

// writeExplanation reads like the answer to why a key is not done.
func writeExplanation(out io.Writer, d status.KeyDetail) error {
	var t text
	question := "Why is %s of %s not done?"
	if d.Done() {
		question = "How is %s of %s?"
	}
	t.line(question+"\n", plain(d.Key.String()), plain(d.Controller.Controller))
	for _, sentence := range d.Answer() {
		t.line("  %s", plain(sentence))
	}
	if reason := d.Reason(); reason != "" {
		t.line("\n  In the way: %s", plain(reason))
	}
	if pending := status.Pending(d.KeyState); len(pending) > 0 {
		t.line("\n  In the queue because: %s", plain(strings.Join(pending, "; ")))
	}
	t.table("Records, the newest first:", "BEGAN\tRESULT\tWAITED\tTOOK\tAGAIN\tWHY\tWRITTEN\tERROR", recordRows(d.Time, d.Records, false))
	if more := len(d.Records) - maxLines + d.RecordsOmitted; more > 0 {
		t.line("and %d older ones; -o json has more", more)
	}
	return t.to(out)
}

func recordRows(now time.Time, records []worker.Record, withKeys bool) [][]string {
	var rows [][]string
	for _, r := range records[:min(maxLines, len(records))] {
		row := []string{relative(now, r.Started)}
		if withKeys {
			row = append(row, r.Key.String())
		}
		result, again := r.Result, ""
		if r.Blocked != "" {
			result = "blocked"
		}
		if r.Again.Duration > 0 {
			again = "after " + status.Short(r.Again.Duration)
		}
		rows = append(rows, append(row, result, status.Short(r.Wait.Duration), status.Short(r.Duration.Duration), again,
			strings.Join(status.Causes(r), "; "), strings.Join(status.Writes(r), "; "), r.Error+r.Blocked))
	}
	return rows
}
