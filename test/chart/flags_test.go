package chart

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
)

// others has another value than the default for each that sets a flag.
func others() map[string]string {
	return map[string]string{
		"controllers":                  "{podsync}",
		"controllerShutdownTimeout":    "11s",
		"kubeAPI.burst":                "31",
		"kubeAPI.qps":                  "21",
		"leaderElection.enabled":       "false",
		"leaderElection.leaseDuration": "16s",
		"leaderElection.renewDeadline": "11s",
		"leaderElection.resourceName":  "other",
		"leaderElection.retryPeriod":   "3s",
		"leaderElection.scope":         "controller",
		"logging.format":               "json",
		"logging.verbosity":            "1",
		"namespaceOverride":            "other",
		"ports.secure":                 "10259",
		"ports.status":                 "0",
		"rivalCheck":                   "off",
		"tls.clusterAuthorities":       "false",
		"tls.minVersion":               "VersionTLS13",
		"tls.secretName":               "other",
	}
}

// docs/configure.md joins values and flags by the comments of values.yaml: "Sets `--v`."
func TestValuesSetTheFlagsThatTheirCommentsName(t *testing.T) {
	usual := flagsOf(t)
	want, got := flagsByComment(t), map[string][]string{}
	unnamed := maps.Clone(usual)
	for value, other := range others() {
		for flag, now := range flagsOf(t, "--set", value+"="+other, "--set", "replicas=1") {
			if before, was := usual[flag]; !was || before != now {
				got[value] = append(got[value], flag)
				delete(unnamed, flag)
			}
		}
		slices.Sort(got[value])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags by the values that set them (-comments +renderings):\n%s", diff)
	}
	if len(unnamed) > 0 {
		t.Errorf("no value sets %v: add it to others", unnamed)
	}
}

// flagsOf returns the flags of the program as the chart gives them.
func flagsOf(t *testing.T, args ...string) map[string]string {
	t.Helper()
	flags := map[string]string{}
	deployment := As[appsv1.Deployment](t, Find(t, Render(t, "", args...), "Deployment"))
	for _, arg := range deployment.Spec.Template.Spec.Containers[0].Args {
		name, value, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		flags[name] = value
	}
	return flags
}

// flagsByComment returns the flags that the rows of the chart's README name, by value.
func flagsByComment(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Path(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		_, named, found := strings.Cut(strings.ToLower(line), "sets `--")
		if !found {
			continue
		}
		value := strings.Fields(line)[1]
		for _, match := range regexp.MustCompile("`(?:--)?([a-z0-9-]+)`").FindAllStringSubmatch("`--"+named, -1) {
			flags[value] = append(flags[value], match[1])
		}
	}
	return flags
}
