package app

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// options are the flags of the process. The controllers keep their own.
type options struct {
	all []controllers.Descriptor

	// Controllers are the entries of --controllers. Default: *.
	Controllers []string
	// StartInterval is the time between starting one controller and the next. Default: 0.
	StartInterval time.Duration
	// ShutdownTimeout is how long running reconciles may take to finish when the process is told to end. Default: 10 s.
	ShutdownTimeout time.Duration
	// MinResyncPeriod is the least time after which caches report every object again; the most is twice that. Default: 12 h.
	MinResyncPeriod time.Duration

	Rivals   rivalOptions
	Client   clientOptions
	Election leaderelection.Options
	Serving  servingOptions
	Logging  loggingOptions
	Tracing  tracingOptions
}

func defaultOptions(all []controllers.Descriptor) *options {
	return &options{
		all:             all,
		Controllers:     []string{"*"},
		ShutdownTimeout: 10 * time.Second,
		MinResyncPeriod: 12 * time.Hour,
		Rivals:          defaultRivalOptions(),
		Client:          defaultClientOptions(),
		Election:        leaderelection.DefaultOptions(),
		Serving:         defaultServingOptions(),
		Logging:         defaultLoggingOptions(),
		Tracing:         defaultTracingOptions(),
	}
}

// flags returns the flags in the sections in which --help shows them, or an error if the controllers can't live in one
// program.
func (o *options) flags() (cliflag.NamedFlagSets, error) {
	var sections cliflag.NamedFlagSets
	if err := controllers.Validate(o.all); err != nil {
		return sections, err
	}
	o.addFlags(sections.FlagSet("controllers"))
	o.Rivals.addFlags(sections.FlagSet("controllers"))
	o.Client.addFlags(sections.FlagSet("API server"))
	o.Election.AddFlags(sections.FlagSet("leader election"))
	o.Serving.addFlags(sections.FlagSet("serving"))
	o.Logging.addFlags(sections.FlagSet("logging"))
	o.Tracing.addFlags(sections.FlagSet("tracing"))
	for _, d := range o.all {
		if d.AddFlags != nil {
			d.AddFlags(sections.FlagSet(d.Name + " controller"))
		}
	}
	general := sections.FlagSet("general")
	general.BoolP("help", "h", false, "Show this help.")
	general.Bool("version", false, "Show the version.")
	return sections, unique(sections)
}

func (o *options) addFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.Controllers, "controllers", o.Controllers, controllersUsage(o.all))
	flags.DurationVar(&o.StartInterval, "controller-start-interval", o.StartInterval, "Time between starting one controller and the next.")
	flags.DurationVar(&o.ShutdownTimeout, "controller-shutdown-timeout", o.ShutdownTimeout, "How long running reconciles may take to finish when the process is told to end. Then they are cancelled.")
	flags.DurationVar(&o.MinResyncPeriod, "min-resync-period", o.MinResyncPeriod, "The least time after which caches report every object again; the real one lies between this and twice this. 0 means never.")
}

// unique returns an error if two sections have a flag of the same name or letter: pflag would drop one of them in silence,
// or panic.
func unique(sections cliflag.NamedFlagSets) error {
	owner := map[string]string{}
	var errs []error
	claim := func(flag, section string) {
		if other, taken := owner[flag]; taken {
			errs = append(errs, fmt.Errorf("flag %s is both in section %q and in section %q", flag, other, section))
		}
		owner[flag] = section
	}
	for _, section := range sections.Order {
		sections.FlagSets[section].VisitAll(func(f *pflag.Flag) {
			claim("--"+f.Name, section)
			if f.Shorthand != "" {
				claim("-"+f.Shorthand, section)
			}
		})
	}
	return errors.Join(errs...)
}

// validate returns an error that names the flag whose value can't be used.
func (o *options) validate() error {
	for _, d := range []struct {
		flag  string
		value time.Duration
	}{
		{"controller-start-interval", o.StartInterval},
		{"controller-shutdown-timeout", o.ShutdownTimeout},
		{"min-resync-period", o.MinResyncPeriod},
	} {
		if d.value < 0 {
			return &controllers.FlagError{Flag: d.flag, Reason: fmt.Sprintf("must not be negative, but is %v", d.value)}
		}
	}
	for _, validate := range []func() error{o.Rivals.validate, o.Client.validate, o.Election.Validate, o.Serving.validate, o.Logging.validate, o.Tracing.validate} {
		if err := validate(); err != nil {
			return &usageError{err}
		}
	}
	return nil
}

// resyncPeriod spreads the resyncs of processes that were started together.
func (o *options) resyncPeriod() time.Duration {
	return time.Duration(float64(o.MinResyncPeriod) * (1 + rand.Float64()))
}
