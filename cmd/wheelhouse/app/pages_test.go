package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// sampleFlags has a flag of each kind.
func sampleFlags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.Bool("bool", true, "")
	flags.Duration("duration", 90*time.Second, "")
	flags.Float32("float", 1.5, "")
	flags.Int("int", 3, "")
	flags.StringSlice("list", []string{"a", "b"}, "")
	flags.StringSlice("none", nil, "")
	flags.String("string", "<x> \"y\"", "")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags
}

func TestProfiles(t *testing.T) {
	mux := http.NewServeMux()
	handleProfiles(mux)
	for path, want := range map[string]int{"/debug/pprof/": 200, "/debug/pprof/goroutine": 200, "/debug/pprof/cmdline": 200, "/debug/pprof/none": 404} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code != want {
			t.Errorf("%s has status %d, want %d", path, answer.Code, want)
		}
	}
}

func TestWriteFlags(t *testing.T) {
	var text strings.Builder
	writeFlags(&text, sampleFlags(t, "--int=4"))
	want := "bool=true\nduration=1m30s\nfloat=1.5\nint=4\nlist=[a,b]\nnone=[]\nstring=<x> \"y\"\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("flags (-want +got)\n%s", diff)
	}
}

func TestValueOf(t *testing.T) {
	got := map[string]any{}
	sampleFlags(t, "--bool=false").VisitAll(func(f *pflag.Flag) { got[f.Name] = valueOf(f) })
	want := map[string]any{
		"bool": false, "duration": "1m30s", "float": json.Number("1.5"), "int": json.Number("3"),
		"list": []string{"a", "b"}, "none": []string{}, "string": "<x> \"y\"",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got)\n%s", diff)
	}
}
