// Package cli is the command line of localcluster: the cluster itself, minting kubeconfigs, and the hidden components.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/component-base/version/verflag"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/cluster"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/component"
)

// Exit codes.
const (
	exitFailure = 1
	exitUsage   = 2
)

// usageError marks an error in how the command was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// componentExit is the exit code, not 0, of a component run as a subcommand.
type componentExit int

func (e componentExit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Main runs the command line and returns the exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	command := newCommand()
	command.SetArgs(args)
	command.SetOut(stdout)
	command.SetErr(stderr)
	err := command.Execute()
	if err == nil {
		return 0
	}
	if code := componentExit(0); errors.As(err, &code) {
		return int(code) // the component has told why itself
	}
	fmt.Fprintf(stderr, "localcluster: %v\n", err)
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitFailure
}

func newCommand() *cobra.Command {
	options := cluster.Defaults()
	command := &cobra.Command{
		Use:   "localcluster --dir DIR",
		Short: "Run a Kubernetes control plane with fake nodes on loopback, for development and tests",
		Long: `Run a Kubernetes control plane with fake nodes on loopback, for development and tests.

It prints "ready DIR/kubeconfig" when pods can run, and runs until SIGINT or SIGTERM.
Everything is kept in DIR and is there again at the next start.`,
		Args:          usageArgs(cobra.NoArgs),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(command *cobra.Command, _ []string) error {
			verflag.PrintAndExitIfRequested() // Kubernetes' packages add --version to every command line
			if err := options.Validate(); err != nil {
				return usageError{err}
			}
			return runCluster(command, options)
		},
	}
	command.CompletionOptions.HiddenDefaultCmd = true
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	addClusterFlags(command.Flags(), &options)
	command.AddCommand(newKubeconfigCommand())
	for _, component := range component.All() {
		command.AddCommand(newComponentCommand(component))
	}
	return command
}

// runCluster runs the cluster until a signal asks for its end. A second signal while it stops changes nothing: its
// components are stopped in bounded time.
func runCluster(command *cobra.Command, options cluster.Options) error {
	ctx, cancel := context.WithCancelCause(command.Context())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel(cluster.ErrInterrupted)
	}()
	return cluster.Run(ctx, options, command.OutOrStdout(), command.ErrOrStderr())
}

// newComponentCommand runs a component, whose arguments are its own.
func newComponentCommand(component component.Component) *cobra.Command {
	return &cobra.Command{
		Use:                component.Name,
		Short:              component.Doc,
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if code := component.Run(args); code != 0 {
				return componentExit(code)
			}
			return nil
		},
	}
}

// usageArgs marks the error of a check of positional arguments.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if err := check(command, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
