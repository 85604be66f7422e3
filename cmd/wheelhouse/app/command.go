// Package app is the command line of a process that hosts controllers.
//
// A main of one's own is
//
//	func main() {
//		os.Exit(app.Run(app.NewCommand(append(builtin.All(), mine.Descriptor())...)))
//	}
package app

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// Status with which the process ends.
const (
	statusOK      = 0
	statusFailure = 1
	statusUsage   = 2 // what was asked for can't be: a flag, its value, or an argument
)

// suggestionDistance is how many letters a word may be off to be taken for a mistyped command.
const suggestionDistance = 2

const programName = "wheelhouse"

// NewCommand returns the command that hosts the given controllers, or those of them that --controllers selects.
func NewCommand(all ...controllers.Descriptor) *cobra.Command {
	o := defaultOptions(all)
	sections, err := o.flags()
	if err != nil {
		return unusable(err)
	}
	cmd := &cobra.Command{
		Use:   programName,
		Short: "Host many controllers in one process",
		Long: `wheelhouse hosts many named controllers in one process. They share one cache of the
API server's objects and one lease, by which one of several replicas is the one
that works.`,
		Version: buildVersion(),
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), cmd.Flags())
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	for _, section := range sections.Order {
		cmd.Flags().AddFlagSet(sections.FlagSets[section])
	}
	completeControllers(cmd, all)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	cmd.SuggestionsMinimumDistance = suggestionDistance
	cmd.AddCommand(controllersCommand(all), explainCommand(all), flagsCommand(sections),
		logLevelCommand(), metricsCommand(all), rbacCommand(all), statusCommand(all))
	setHelp(cmd, sections)
	return cmd
}

// unusable is the command of a program whose controllers can't live together. Whatever it is asked, it says why.
func unusable(reason error) *cobra.Command {
	return &cobra.Command{
		Use:                programName,
		DisableFlagParsing: true,
		RunE:               func(*cobra.Command, []string) error { return reason },
		SilenceErrors:      true,
		SilenceUsage:       true,
	}
}

// Run executes the command and returns the status to exit with. An error is one line on standard error.
func Run(cmd *cobra.Command) int {
	ctx, stop := untilSignal()
	defer stop()
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return statusOK
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.Name(), strings.ReplaceAll(err.Error(), "\n", "; "))
	var usage *usageError
	var flag *controllers.FlagError
	if errors.As(err, &usage) || errors.As(err, &flag) {
		return statusUsage
	}
	return statusFailure
}

// usageError is an error of whoever wrote the command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// noArguments refuses arguments, and with them mistyped subcommands.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := fmt.Sprintf("unknown command or argument %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		message += fmt.Sprintf("; did you mean %q?", near[0])
	}
	return &usageError{errors.New(message)}
}
