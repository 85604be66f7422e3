package deployment

import (
	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

const concurrentSyncsFlag = "concurrent-deployment-syncs"

// Options say how the controller works.
type Options struct {
	// ConcurrentSyncs is how many Deployments are worked on at once, at least 1. Default: 5. More of them finish sooner only if
	// the rate of requests that the controller may make is raised as well.
	ConcurrentSyncs int
}

// DefaultOptions returns the options of a command line without flags, which are those of kube-controller-manager.
func DefaultOptions() Options {
	return Options{ConcurrentSyncs: 5}
}

// AddFlags adds the flags that set the options.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.IntVar(&o.ConcurrentSyncs, concurrentSyncsFlag, o.ConcurrentSyncs, "How many Deployments are worked on at once.")
}

// Validate returns a *controllers.FlagError for the first option that can't be used.
func (o Options) Validate() error {
	return controllers.CheckAtLeast(concurrentSyncsFlag, o.ConcurrentSyncs, 1)
}
