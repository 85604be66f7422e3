package controlplane

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/datadir"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/kubeconfig"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/ports"
)

func plan(t *testing.T, options Options) Plan {
	t.Helper()
	dir, err := datadir.Open(filepath.Join(t.TempDir(), "dir"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	layout, err := ports.Pick(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return Plan{Options: options, Dir: dir, Ports: layout}
}

func TestRuns(t *testing.T) {
	for _, test := range []struct {
		list string
		want bool
	}{
		{"*", true},
		{"*,-deployment-controller", true},
		{"*,-node-lifecycle-controller", false},
		{"node-lifecycle-controller,job-controller", true},
		{"job-controller", false},
		{"none", false},
	} {
		if got := (Options{Controllers: test.list}).Runs("node-lifecycle-controller"); got != test.want {
			t.Errorf("Runs with %q: got %t, want %t", test.list, got, test.want)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name    string
		options Options
		want    string
	}{
		{"fine", Options{Controllers: "*", APIServerArgs: []string{"--v=2"}}, ""},
		{"no list", Options{}, "--kcm-controllers"},
		{"no dashes", Options{Controllers: "*", ControllerManagerArgs: []string{"v=2"}}, `--kcm-arg "v=2"`},
		{"no value", Options{Controllers: "*", SchedulerArgs: []string{"--v"}}, `--kube-scheduler-arg "--v"`},
		{"a word", Options{Controllers: "*", APIServerArgs: []string{"fast"}}, `--kube-apiserver-arg "fast"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.options.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestOwnArgsComeLast(t *testing.T) {
	own := []string{"--kube-api-qps=7"}
	p := plan(t, Options{Controllers: "*", APIServerArgs: own, SchedulerArgs: own, ControllerManagerArgs: own})
	for name, args := range map[string][]string{
		APIServer: p.APIServerArgs(), Scheduler: p.SchedulerArgs(), ControllerManager: p.ControllerManagerArgs(),
	} {
		if last := args[len(args)-1]; last != own[0] {
			t.Errorf("%s: the last argument is %s, want %s: the later of two wins", name, last, own[0])
		}
	}
}

func TestOnlyLoopbackIsServed(t *testing.T) {
	p := plan(t, Options{Controllers: "*"})
	for _, args := range [][]string{p.EtcdArgs(), p.APIServerArgs(), p.SchedulerArgs(), p.ControllerManagerArgs()} {
		for _, arg := range args {
			flag, value, _ := strings.Cut(arg, "=")
			listens := strings.HasPrefix(flag, "--listen-") || strings.HasSuffix(flag, "bind-address")
			if listens && !strings.Contains(value, ports.Host) {
				t.Errorf("%s is not on loopback", arg)
			}
		}
	}
}

func TestNodesAreNotTaintedForGood(t *testing.T) {
	const off = "--disable-admission-plugins=TaintNodesByCondition"
	for list, want := range map[string]bool{"*": false, "none": true, "job-controller": true} {
		if got := slices.Contains(plan(t, Options{Controllers: list}).APIServerArgs(), off); got != want {
			t.Errorf("with --kcm-controllers %s: %s given: got %t, want %t", list, off, got, want)
		}
	}
}

func TestChoicesReachTheCommandLines(t *testing.T) {
	audit := func(p Plan) bool { return slices.Contains(p.APIServerArgs(), "--audit-log-path="+p.Dir.AuditLog()) }
	fsync := func(p Plan) bool { return !slices.Contains(p.EtcdArgs(), "--unsafe-no-fsync=true") }
	plain, both := plan(t, Options{Controllers: "*"}), plan(t, Options{Controllers: "*", Audit: true, Fsync: true})
	if audit(plain) || !audit(both) {
		t.Errorf("audit: got %t without --audit and %t with it", audit(plain), audit(both))
	}
	if fsync(plain) || !fsync(both) {
		t.Errorf("fsync: got %t without --fsync and %t with it", fsync(plain), fsync(both))
	}
}

func TestKubeconfigsFollowThePorts(t *testing.T) {
	p := plan(t, Options{Controllers: "*"})
	for range 2 {
		if _, err := p.WriteCredentials(time.Now()); err != nil {
			t.Fatal(err)
		}
		for path := range p.users() {
			server, err := kubeconfig.Server(path)
			if want := ports.URL(p.Ports.APIServer()); err != nil || server != want {
				t.Errorf("%s: got server %q, error %v; want %q", path, server, err, want)
			}
		}
		next, err := ports.Pick(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		p.Ports = next
	}
}
