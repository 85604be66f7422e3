package cluster

import (
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"defaults", func(*Options) {}, ""},
		{"no nodes", func(o *Options) { o.Nodes = 0 }, ""},
		{"no folder", func(o *Options) { o.Dir = "" }, "--dir"},
		{"fewer than no nodes", func(o *Options) { o.Nodes = -1 }, "--nodes -1"},
		{"no such port", func(o *Options) { o.PortBase = 70000 }, "--port-base 70000"},
		{"back in time", func(o *Options) { o.RestartDelay = -time.Second }, "--restart-delay -1s"},
		{"no controllers", func(o *Options) { o.Components.Controllers = " " }, "--kcm-controllers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := Defaults()
			options.Dir = "dir"
			test.change(&options)
			err := options.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
				t.Errorf("got error %v, want one that begins with %q", err, test.want)
			}
		})
	}
}

func TestFailingChecks(t *testing.T) {
	const answer = "[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/start failed: not finished\nreadyz check failed\n"
	for _, test := range []struct{ answer, want string }{
		{answer, "not yet: etcd, poststarthook/start"},
		{"[+]ping ok\n", ""},
		{"ok", ""},
	} {
		if got := failingChecks(test.answer); got != test.want {
			t.Errorf("failingChecks(%q): got %q, want %q", test.answer, got, test.want)
		}
	}
}
