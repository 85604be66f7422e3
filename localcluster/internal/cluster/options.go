package cluster

import (
	"errors"
	"fmt"
	"time"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/controlplane"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/ports"
)

// Options are what a user chooses about a cluster.
type Options struct {
	// Dir is the folder of the cluster's data, certificates, kubeconfigs and logs. It has no default.
	Dir string
	// Nodes is the number of fake nodes; 0 is allowed and leaves every pod pending.
	Nodes int
	// PortBase is the port of kube-apiserver; the others follow it. 0 picks free ones.
	PortBase int
	// RestartDelay is how long a component that ended stays down before it is started again.
	RestartDelay time.Duration
	// Components are the choices that go into the command lines.
	Components controlplane.Options
}

// Defaults returns the options of a cluster nobody has chosen anything for.
func Defaults() Options {
	return Options{
		Nodes:        3,
		RestartDelay: time.Second,
		Components:   controlplane.Options{Controllers: "*,-deployment-controller,-replicaset-controller"},
	}
}

// Validate checks the options; the error names the flag.
func (o Options) Validate() error {
	if o.Dir == "" {
		return errors.New("--dir: must name the folder of the cluster")
	}
	if o.Nodes < 0 {
		return fmt.Errorf("--nodes %d: must not be negative", o.Nodes)
	}
	if o.RestartDelay < 0 {
		return fmt.Errorf("--restart-delay %s: must not be negative", o.RestartDelay)
	}
	if err := ports.Validate(o.PortBase); err != nil {
		return err
	}
	return o.Components.Validate()
}
