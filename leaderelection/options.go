package leaderelection

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Options are the flags of leader election, with the names, meanings and defaults of kube-controller-manager
// (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/).
type Options struct {
	// Enabled is whether to contend for a lease at all. Default: true. Without it, whoever starts works.
	Enabled bool
	// LeaseDuration is how long others wait, after they saw the last renewal, before they take the lease. Default: 15 s.
	// Longer means a longer gap after a crash; shorter means more load, and less room for a slow API server. Whole seconds:
	// the API knows no others.
	LeaseDuration time.Duration
	// RenewDeadline is how long the holder tries to renew before it gives up. Default: 10 s. Below LeaseDuration, or two
	// could work at once.
	RenewDeadline time.Duration
	// RetryPeriod is how long to wait between tries. Default: 2 s. Times 1.2 it must be below RenewDeadline, for a second try.
	RetryPeriod time.Duration
	// ResourceLock is the kind of object that is the lock. Default and only value: leases.
	ResourceLock string
	// Scope is what a lease is for: process, or controller for one each, which replicas share out evenly. Default: process.
	Scope string
	// Name and Namespace are those of the Lease. Default: wheelhouse in kube-system.
	Name, Namespace string
}

// What a lease is for.
const (
	ScopeProcess    = "process"
	ScopeController = "controller"
)

// DefaultOptions returns the options that hold where no flag is given.
func DefaultOptions() Options {
	return Options{
		Enabled:       true,
		LeaseDuration: 15 * time.Second,
		RenewDeadline: 10 * time.Second,
		RetryPeriod:   2 * time.Second,
		ResourceLock:  "leases",
		Scope:         ScopeProcess,
		Name:          "wheelhouse",
		Namespace:     "kube-system",
	}
}

// AddFlags adds a flag for each option.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.Enabled, "leader-elect", o.Enabled, "Contend for a lease and work only while holding it. Needed wherever more than one replica runs.")
	flags.DurationVar(&o.LeaseDuration, "leader-elect-lease-duration", o.LeaseDuration, "How long after the holder's last renewal others wait before they take the lease.")
	flags.DurationVar(&o.RenewDeadline, "leader-elect-renew-deadline", o.RenewDeadline, "How long the holder tries to renew before it stops working. Must be less than the lease duration.")
	flags.DurationVar(&o.RetryPeriod, "leader-elect-retry-period", o.RetryPeriod, "How long to wait between tries to acquire or renew.")
	flags.StringVar(&o.ResourceLock, "leader-elect-resource-lock", o.ResourceLock, `Kind of the lock object; only "leases" is supported.`)
	flags.StringVar(&o.Scope, "leader-elect-scope", o.Scope, `What a lease is for: "process", or "controller" for one each, which the replicas share out evenly.`)
	flags.StringVar(&o.Name, "leader-elect-resource-name", o.Name, "Name of the Lease; with a scope of controller, what the names begin with.")
	flags.StringVar(&o.Namespace, "leader-elect-resource-namespace", o.Namespace, "Namespace of the Lease.")
}

const (
	// jitter is the factor by which a wait of the retry period may be longer, so that replicas don't ask all at once. It is that
	// of kube-controller-manager.
	jitter = 1.2
	// minLeaseDuration is what standbys can watch: they don't tell renewals within one second apart.
	minLeaseDuration = 2 * time.Second
	// maxLeaseDuration is what a Lease can say: it counts seconds in 32 bits.
	maxLeaseDuration = math.MaxInt32 * time.Second
)

// Validate returns an error that names the flag whose value can't be used.
func (o Options) Validate() error {
	switch {
	case !o.Enabled:
		return nil
	case o.LeaseDuration < minLeaseDuration:
		return fmt.Errorf("--leader-elect-lease-duration: must be at least %v, not %v", minLeaseDuration, o.LeaseDuration)
	case o.LeaseDuration%time.Second != 0:
		return fmt.Errorf("--leader-elect-lease-duration: must be whole seconds, not %v", o.LeaseDuration)
	case o.LeaseDuration > maxLeaseDuration:
		return fmt.Errorf("--leader-elect-lease-duration: must be at most %v, not %v", maxLeaseDuration, o.LeaseDuration)
	case o.RenewDeadline >= o.LeaseDuration:
		return fmt.Errorf("--leader-elect-renew-deadline: must be less than --leader-elect-lease-duration (%v), not %v", o.LeaseDuration, o.RenewDeadline)
	case o.RetryPeriod <= 0:
		return fmt.Errorf("--leader-elect-retry-period: must be more than 0, not %v", o.RetryPeriod)
	case float64(o.RenewDeadline) <= jitter*float64(o.RetryPeriod):
		return fmt.Errorf("--leader-elect-retry-period: times %v must be less than --leader-elect-renew-deadline (%v), not %v", jitter, o.RenewDeadline, o.RetryPeriod)
	case o.ResourceLock != "leases":
		return fmt.Errorf(`--leader-elect-resource-lock: only "leases" is supported, not %q`, o.ResourceLock)
	case o.Scope != ScopeProcess && o.Scope != ScopeController:
		return fmt.Errorf(`--leader-elect-scope: must be "process" or "controller", not %q`, o.Scope)
	}
	return errors.Join(
		validName("leader-elect-resource-name", o.Name, validation.IsDNS1123Subdomain),
		validName("leader-elect-resource-namespace", o.Namespace, validation.IsDNS1123Label),
	)
}

// For returns the options for the lease of one controller.
func (o Options) For(controller string) Options {
	if o.Scope == ScopeController {
		o.Name += "-" + controller
	}
	return o
}

func validName(flag, name string, problems func(string) []string) error {
	if name == "" {
		return fmt.Errorf("--%s: must not be empty", flag)
	}
	if list := problems(name); len(list) > 0 {
		return fmt.Errorf("--%s: %q is no name: %s", flag, name, strings.Join(list, "; "))
	}
	return nil
}

// lease returns what to call the lease: "namespace/name".
func (o Options) lease() string { return o.Namespace + "/" + o.Name }

// NewIdentity returns an identity for this process: the pod's name and a UUID, since two processes of one host must differ. Without a
// pod's name it begins with the host's, which is the pod's in a cluster unless the pod is on its node's network.
func NewIdentity(pod string) (string, error) {
	if pod == "" {
		host, err := os.Hostname()
		if err != nil {
			return "", fmt.Errorf("find the host's name for the lease: %w", err)
		}
		pod = host
	}
	return pod + "_" + string(uuid.NewUUID()), nil
}
