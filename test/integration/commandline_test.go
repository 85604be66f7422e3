package integration

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

func TestBadCommandLines(t *testing.T) {
	binary, err := cluster.Binary("wheelhouse")
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("\t{"), 0o600); err != nil {
		t.Fatal(err)
	}
	k := "--kubeconfig=" + shared.Kubeconfig
	tests := []struct {
		name   string
		args   []string
		status int
		want   string // part of the one line
	}{
		{"unknown flag", []string{"--foo"}, 2, "unknown flag: --foo"},
		{"unknown command", []string{"contollers"}, 2, `unknown command or argument "contollers"; did you mean "controllers"?`},
		{"unknown controller", []string{k, "--controllers=podsink"}, 2, `--controllers: "podsink" is not in the list of known controllers: `},
		{"only off", []string{k, "--controllers=-podsync"}, 2, "write *,-podsync"},
		{"renew deadline", []string{k, "--leader-elect-renew-deadline=15s"}, 2, "--leader-elect-renew-deadline: must be less than --leader-elect-lease-duration (15s), not 15s"},
		{"negative workers", []string{k, "--concurrent-pod-syncs=-1"}, 2, "--concurrent-pod-syncs: must be at least 1, not -1"},
		{"bad selector", []string{k, "--podsync-selector=a=b=c"}, 2, "--podsync-selector: "},
		{"missing kubeconfig", []string{"--kubeconfig=/nowhere"}, 2, "--kubeconfig: stat /nowhere: no such file or directory"},
		{"broken kubeconfig", []string{"--kubeconfig=" + garbage}, 2, "--kubeconfig: error loading config file"},
		{"malformed master", []string{"--master=:::bad"}, 2, "--master: "},
		{"kubeconfig without a cluster", []string{"--kubeconfig=/dev/null"}, 2, "--kubeconfig: /dev/null names no cluster"},
		{"content type", []string{k, "--kube-api-content-type=foo"}, 2, "--kube-api-content-type: must be application/vnd.kubernetes.protobuf or application/json"},
		{"lease name", []string{k, "--leader-elect-resource-name=A_B"}, 2, `--leader-elect-resource-name: "A_B" is no name: `},
		{"no cluster named", nil, 2, "--kubeconfig: neither this nor --master is given, and the process is no pod"},
		{"no number", []string{"--kube-api-qps=many"}, 2, `"--kube-api-qps"`},
		{"negative time", []string{k, "--controller-shutdown-timeout=-1s"}, 2, "--controller-shutdown-timeout: must not be negative, but is -1s"},
		{"log format", []string{k, "--logging-format=xml"}, 2, `--logging-format: must be "text" or "json", not "xml"`},
		{"port out of range", []string{k, "--status-port=70000"}, 2, "--status-port: must be from 0 to 65535, not 70000"},
		{"port in use", []string{k, "--status-port=" + port}, 1, "--status-port: listen tcp 127.0.0.1:" + port + ": bind: address already in use"},
		{"output format", []string{"controllers", "-o", "xml"}, 2, `--output: must be "table", "json" or "yaml", not "xml"`},
		{"service account", []string{"rbac", "--service-account=me"}, 2, `--service-account: must be NAMESPACE/NAME, not "me"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command(binary, tt.args...)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("wheelhouse %s succeeded:\n%s", strings.Join(tt.args, " "), out)
			}
			status, text := cmd.ProcessState.ExitCode(), string(out)
			if status != tt.status || !strings.Contains(text, tt.want) || strings.Count(text, "\n") != 1 {
				t.Errorf("wheelhouse %s ended with status %d and\n%s\nwant status %d and one line with %q",
					strings.Join(tt.args, " "), status, text, tt.status, tt.want)
			}
		})
	}
}
