package supervise

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLastWords(t *testing.T) {
	for _, test := range []struct {
		name, before, log, want string
	}{
		{name: "nothing"},
		{name: "the last line", log: "one\ntwo\n\n", want: "two"},
		{name: "an error before chatter", log: "Error: bad flag\nusage: …\n", want: "Error: bad flag"},
		{name: "klog", log: "I1124 03:50:24.1 1 a.go:1] fine\nE1124 03:50:24.3   7 run.go:72] \"command failed\"\nI1124 03:50:25.1 1 a.go:2] bye\n",
			want: `"command failed"`},
		{name: "etcd", log: "2026-11-24T03:40:50Z\tfatal\tetcdmain/etcd.go:1\tdiscovery failed\ngoroutine 1\n",
			want: "2026-11-24T03:40:50Z\tfatal\tetcdmain/etcd.go:1\tdiscovery failed"},
		{name: "a panic", log: "starting\npanic: boom\n\ngoroutine 1 [running]:\nmain.main()\n", want: "panic: boom"},
		{name: "only this process", before: "Error: of the process before\n", log: "fine\n", want: "fine"},
		{name: "a long line", log: strings.Repeat("x", longestWords+1), want: strings.Repeat("x", longestWords) + "…"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, []byte(test.before+test.log), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := lastWords(path, int64(len(test.before))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	const soon, late = time.Second, stableAfter
	for _, test := range []struct {
		name string
		base time.Duration
		ran  []time.Duration
		want time.Duration
	}{
		{"the first end", time.Second, []time.Duration{soon}, time.Second},
		{"the second end soon", time.Second, []time.Duration{soon, soon}, 2 * time.Second},
		{"the third", time.Second, []time.Duration{soon, soon, soon}, 4 * time.Second},
		{"many", time.Second, []time.Duration{soon, soon, soon, soon, soon, soon, soon, soon}, longestDelay},
		{"after a good run", time.Second, []time.Duration{soon, soon, soon, late}, time.Second},
		{"no delay at first", 0, []time.Duration{soon}, 0},
		{"but then", 0, []time.Duration{soon, soon}, 2 * leastGrowing},
		{"a long delay stays", time.Minute, []time.Duration{soon, soon, soon}, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			backoff := backoff{base: test.base}
			var got time.Duration
			for _, ran := range test.ran {
				got = backoff.next(ran)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
