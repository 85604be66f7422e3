// Package component holds the programs that a cluster is made of, each run by its own main code with its own command line.
//
// Only one of them may run in a process: they share global registries of metrics and feature gates. None of their commands
// is built before it is asked for, for the same reason.
package component

import (
	"os"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"          // --logging-format=json
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // rest_client_* metrics
	_ "k8s.io/component-base/metrics/prometheus/version"  // kubernetes_build_info
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/kwok"
)

// Component is one of the programs.
type Component struct {
	Name string
	Doc  string
	// Run runs the program with its arguments until a signal ends it, and returns its exit code.
	Run func(args []string) int
}

// All lists the programs by name.
func All() []Component {
	return []Component{
		{Name: "etcd", Doc: "Run etcd", Run: runEtcd},
		{Name: "kube-apiserver", Doc: "Run kube-apiserver", Run: run(apiserver.NewAPIServerCommand)},
		{Name: "kube-controller-manager", Doc: "Run kube-controller-manager", Run: run(controllermanager.NewControllerManagerCommand)},
		{Name: "kube-scheduler", Doc: "Run kube-scheduler", Run: run(newScheduler)},
		{Name: "kwok", Doc: "Run the fake nodes", Run: run(kwok.NewCommand)},
	}
}

func newScheduler() *cobra.Command { return scheduler.NewSchedulerCommand() }

// run runs the command that newCommand makes as if the program were installed under the command's own name, which is what
// user agents are made from.
func run(newCommand func() *cobra.Command) func([]string) int {
	return func(args []string) int {
		command := newCommand()
		os.Args = append([]string{command.Name()}, args...)
		command.SetArgs(args)
		return cli.Run(command)
	}
}

// runEtcd doesn't return when etcd fails: its main ends the process.
func runEtcd(args []string) int {
	etcdmain.Main(append([]string{"etcd"}, args...))
	return 0
}
