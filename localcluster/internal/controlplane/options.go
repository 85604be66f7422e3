// Package controlplane knows the command lines of a cluster's components: what each listens on, trusts and is tuned to.
package controlplane

import (
	"fmt"
	"slices"
	"strings"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/datadir"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/ports"
)

// Names of the components: the subcommands that run them, and their log and pid files.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	Scheduler         = "kube-scheduler"
	ControllerManager = "kube-controller-manager"
	Kwok              = "kwok"
)

// NoControllers as the list of controllers means no kube-controller-manager at all.
const NoControllers = "none"

// Options are what a user chooses about the components.
type Options struct {
	// Controllers is the list of kube-controller-manager's --controllers, or NoControllers.
	Controllers string
	// Audit logs every request to the audit log.
	Audit bool
	// Fsync makes etcd wait for the disk at each write.
	Fsync bool
	// APIServerArgs, SchedulerArgs and ControllerManagerArgs are appended to the command lines; of a flag given twice the
	// later counts.
	APIServerArgs, SchedulerArgs, ControllerManagerArgs []string
}

// Validate checks the options; the error names the flag.
func (o Options) Validate() error {
	if strings.TrimSpace(o.Controllers) == "" {
		return fmt.Errorf("--kcm-controllers: must be a list of controllers or %q", NoControllers)
	}
	for _, list := range []struct {
		flag string
		args []string
	}{
		{"--kube-apiserver-arg", o.APIServerArgs},
		{"--kube-scheduler-arg", o.SchedulerArgs},
		{"--kcm-arg", o.ControllerManagerArgs},
	} {
		for _, arg := range list.args {
			if !strings.HasPrefix(arg, "--") || !strings.Contains(arg, "=") {
				return fmt.Errorf("%s %q: must look like --key=value", list.flag, arg)
			}
		}
	}
	return nil
}

// Runs reports whether kube-controller-manager runs the controller, one that is on by default.
func (o Options) Runs(controller string) bool {
	if o.Controllers == NoControllers {
		return false
	}
	list := strings.Split(o.Controllers, ",")
	if slices.Contains(list, "-"+controller) {
		return false
	}
	return slices.Contains(list, "*") || slices.Contains(list, controller)
}

// Plan is everything that a command line depends on.
type Plan struct {
	Options Options
	Dir     *datadir.Dir
	Ports   ports.Layout
}
