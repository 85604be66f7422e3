// Package cluster runs a whole local cluster: Run starts the components in order, says when it is ready, keeps it running,
// and stops all of it.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/controlplane"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/datadir"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/ports"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/progress"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/supervise"
)

// ErrInterrupted is the cause with which the caller cancels the context of Run when it shall end in order.
var ErrInterrupted = errors.New("interrupted before the cluster was ready")

// Run runs a cluster until the context ends. It writes the ready line to stdout, everything else to stderr.
// When it returns, none of the cluster's processes is left.
func Run(ctx context.Context, options Options, stdout, stderr io.Writer) error {
	dir, err := datadir.Open(options.Dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	reporter := progress.New(stderr)
	plan, err := prepare(dir, options, reporter)
	if err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program to start the components from: %w", err)
	}
	supervisor := supervise.New(options.RestartDelay, reporter.Printf)
	defer func() {
		reporter.Printf("stopping")
		supervisor.Stop()
	}()
	run := &run{options: options, plan: plan, executable: executable, supervisor: supervisor, reporter: reporter}
	if err := run.start(ctx); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "ready %s\n", dir.Kubeconfig())
	<-ctx.Done()
	return nil
}

// prepare settles ports and credentials: everything that can fail before a process is started.
func prepare(dir *datadir.Dir, options Options, reporter *progress.Reporter) (controlplane.Plan, error) {
	layout, err := ports.Pick(options.PortBase, lastBase(dir))
	if err != nil {
		return controlplane.Plan{}, err
	}
	if err := os.WriteFile(dir.PortBase(), []byte(strconv.Itoa(layout.Base())+"\n"), 0o600); err != nil {
		return controlplane.Plan{}, fmt.Errorf("note the port base: %w", err)
	}
	plan := controlplane.Plan{Options: options.Components, Dir: dir, Ports: layout}
	replaced, err := plan.WriteCredentials(time.Now())
	if err != nil {
		return controlplane.Plan{}, err
	}
	if replaced {
		reporter.Printf("the certificate authority in %s was about to expire and is replaced; kubeconfigs minted before no longer work", dir.PKI())
	}
	return plan, nil
}

// lastBase returns the port base of the last run, 0 when there is none.
func lastBase(dir *datadir.Dir) int {
	content, err := os.ReadFile(dir.PortBase())
	if err != nil {
		return 0
	}
	base, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0
	}
	return base
}
