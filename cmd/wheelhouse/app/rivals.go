package app

import (
	"fmt"

	"github.com/spf13/pflag"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

const rivalCheckFlag = "rival-check"

// How to find out whether somebody else does a controller's work.
const (
	rivalCheckCanary = "canary"
	rivalCheckOff    = "off"
)

// rivalOptions say what is done about others who do the same work, such as kube-controller-manager.
type rivalOptions struct {
	// Check is how to find out about them: canary or off. Default: canary.
	Check string
}

func defaultRivalOptions() rivalOptions { return rivalOptions{Check: rivalCheckCanary} }

func (o *rivalOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Check, rivalCheckFlag, o.Check, `How to find out whether somebody else, like kube-controller-manager, does a controller's work, which then waits: "canary" (an object in the Lease's namespace that asks for nothing) or "off".`)
}

func (o rivalOptions) validate() error {
	if o.Check != rivalCheckCanary && o.Check != rivalCheckOff {
		return &controllers.FlagError{Flag: rivalCheckFlag, Reason: fmt.Sprintf(`must be "canary" or "off", not %q`, o.Check)}
	}
	return nil
}

// canary returns what names the canary of a controller, nil if there are to be none. It is called by the lease that guards the controller,
// since only those who contend for the same lease may share one: it is the others that observe it.
func (o rivalOptions) canary(election leaderelection.Options) func(controller string) cache.ObjectName {
	if o.Check == rivalCheckOff {
		return nil
	}
	return func(controller string) cache.ObjectName {
		return cache.NewObjectName(election.Namespace, guard(election, controller)+"-canary-"+controller)
	}
}

// guard returns the name of the lease that guards the controller, or one that no lease has.
func guard(election leaderelection.Options, controller string) string {
	switch {
	case !election.Enabled:
		return election.Name + "-unelected"
	case election.Scope == leaderelection.ScopeController:
		return election.For(controller).Name
	}
	return election.Name
}
