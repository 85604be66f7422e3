package cli

import (
	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/cluster"
)

func addClusterFlags(flags *pflag.FlagSet, options *cluster.Options) {
	flags.SortFlags = false
	flags.StringVar(&options.Dir, "dir", options.Dir, "`folder` of the cluster's data, certificates, kubeconfigs and logs")
	flags.IntVar(&options.Nodes, "nodes", options.Nodes, "number of fake nodes")
	flags.IntVar(&options.PortBase, "port-base", options.PortBase,
		"`port` of kube-apiserver; etcd +1 and +2, kube-scheduler +3, kube-controller-manager +4 (0: free ports)")
	flags.DurationVar(&options.RestartDelay, "restart-delay", options.RestartDelay,
		"how long a component that ended stays down; longer each time it ends again soon")

	components := &options.Components
	flags.StringVar(&components.Controllers, "kcm-controllers", components.Controllers,
		"`list` for kube-controller-manager's --controllers, or \"none\" to run none;\n"+
			"then nodes are never tainted, and only the namespace default gets a service account")
	flags.BoolVar(&components.Audit, "audit", components.Audit, "log every request to DIR/audit.log, one JSON line each")
	flags.BoolVar(&components.Fsync, "fsync", components.Fsync, "let etcd wait for the disk, to survive a crash of the machine")
	flags.StringArrayVar(&components.APIServerArgs, "kube-apiserver-arg", nil, "`--key=value` for kube-apiserver, after ours (repeatable)")
	flags.StringArrayVar(&components.SchedulerArgs, "kube-scheduler-arg", nil, "`--key=value` for kube-scheduler, after ours (repeatable)")
	flags.StringArrayVar(&components.ControllerManagerArgs, "kcm-arg", nil, "`--key=value` for kube-controller-manager, after ours (repeatable)")
}
