package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/cmd/wheelhouse/app"
)

func TestFlagsAreListed(t *testing.T) {
	var list []struct{ Section, Name, Type, Default, Meaning string }
	if err := json.Unmarshal([]byte(execute(fakes(), "flags", "-o", "json").out), &list); err != nil {
		t.Fatal(err)
	}
	want, got := values(app.NewCommand(fakes()...).Flags()), map[string]string{}
	for name, value := range want {
		want[name] = strings.Trim(value, "[]")
	}
	for _, f := range list {
		got[f.Name] = f.Default
		if f.Section == "" || f.Type == "" || f.Meaning == "" {
			t.Errorf("something is missing of %+v", f)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags and their defaults (-want +got)\n%s", diff)
	}
}

func TestFlagsInOtherFormats(t *testing.T) {
	for format, want := range map[string]string{
		"table":    "\n--concurrent-alpha-syncs ",
		"yaml":     "\n  name: concurrent-alpha-syncs\n",
		"markdown": "\n### Alpha controller\n\n| flag | default | meaning |\n| --- | --- | --- |\n| `--concurrent-alpha-syncs` | `5` | Keys that are worked on at once. |\n",
	} {
		if got := execute(fakes(), "flags", "-o", format); !strings.Contains(got.out, want) {
			t.Errorf("-o %s writes no %q: %s%s", format, want, got.out, got.err)
		}
	}
	if got := execute(fakes(), "flags", "-o", "xml"); got.status != 2 {
		t.Errorf("-o xml ends with status %d, want 2", got.status)
	}
}

// A table of Markdown is broken by a bar, and a meaning by what it would take for a mark.
func TestFlagsEscapeMarkdown(t *testing.T) {
	all := fakes()
	all[0].AddFlags = func(flags *pflag.FlagSet) { flags.String("odd", "", `a|b <c> *d*`) }
	const want = "| `--odd` |  | a\\|b &lt;c> \\*d\\* |\n"
	if got := execute(all, "flags", "-o", "markdown"); !strings.Contains(got.out, want) {
		t.Errorf("no %q in %s%s", want, got.out, got.err)
	}
}
