package greeter

import (
	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

const (
	greetingFlag = "greeter-greeting"
	panicOnFlag  = "greeter-panic-on"
	syncsFlag    = "concurrent-greeter-syncs"
)

// Options are what users can choose.
type Options struct {
	// Greeting stands before the name. Default: Hello.
	Greeting string
	// PanicOn is the name of a ConfigMap at which the controller panics, to show what becomes of it. Default: none.
	PanicOn string
	// ConcurrentSyncs is how many ConfigMaps are greeted at once. Default: 2.
	ConcurrentSyncs int
}

// DefaultOptions returns the options that hold when no flag is given.
func DefaultOptions() *Options {
	return &Options{Greeting: "Hello", ConcurrentSyncs: 2}
}

// AddFlags adds a flag for each option.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Greeting, greetingFlag, o.Greeting, "What ConfigMaps are greeted with.")
	flags.StringVar(&o.PanicOn, panicOnFlag, o.PanicOn, "Name of a ConfigMap at which to panic, for tests.")
	flags.IntVar(&o.ConcurrentSyncs, syncsFlag, o.ConcurrentSyncs, "How many ConfigMaps are greeted at once.")
}

// Validate returns a *controllers.FlagError if an option can't be used.
func (o *Options) Validate() error {
	if o.Greeting == "" {
		return &controllers.FlagError{Flag: greetingFlag, Reason: "must not be empty"}
	}
	return controllers.CheckAtLeast(syncsFlag, o.ConcurrentSyncs, 1)
}
