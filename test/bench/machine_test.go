package bench

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// newPart returns a part without runs, which says of what it will be.
func newPart(t *testing.T, scenario string, s settings) record.Part {
	t.Helper()
	root, err := cluster.Root()
	if err != nil {
		t.Fatal(err)
	}
	part := record.Part{
		Scenario: scenario,
		Begun:    time.Now().UTC().Truncate(time.Second),
		Commit:   commit(t, root),
		Machine:  machine(t),
		Versions: map[string]string{},
		Settings: s.asked,
	}
	for _, p := range []program{theirs(), ours()} {
		words := strings.Fields(output(t, p.path(t), "--version"))
		part.Versions[p.name] = words[len(words)-1]
	}
	return part
}

// commit says too whether something was changed since, other than what benchmarks write.
func commit(t *testing.T, root string) string {
	t.Helper()
	hash := output(t, "git", "-C", root, "rev-parse", "--short", "HEAD")
	if output(t, "git", "-C", root, "status", "--porcelain", "--", ":/", ":!/docs/benchmarks*") != "" {
		return hash + "-dirty"
	}
	return hash
}

func machine(t *testing.T) record.Machine {
	t.Helper()
	return record.Machine{
		Cores:   runtime.NumCPU(),
		CPU:     strings.TrimSpace(found(t, "/proc/cpuinfo", `(?m)^model name\s*:(.*)$`)),
		Memory:  kibibytes(t, found(t, "/proc/meminfo", `(?m)^MemTotal:\s*(\d+) kB$`)),
		Kernel:  output(t, "uname", "-r"),
		Go:      strings.TrimPrefix(runtime.Version(), "go"),
		GOOS:    runtime.GOOS,
		GOARCH:  runtime.GOARCH,
		Comment: os.Getenv("WHEELHOUSE_BENCH_COMMENT"),
	}
}

// output returns what a program prints, without the end of the last line.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// found returns the group of the expression's first match in the file, or "".
func found(t *testing.T, path, expression string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(expression).FindSubmatch(text)
	if match == nil {
		return ""
	}
	return string(match[1])
}
