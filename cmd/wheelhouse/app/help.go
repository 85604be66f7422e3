package app

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/term"
)

// setHelp makes the command's help show its flags in sections, beside what cobra shows.
func setHelp(cmd *cobra.Command, sections cliflag.NamedFlagSets) {
	usage, help := cmd.UsageFunc(), cmd.HelpFunc()
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		if c != cmd {
			help(c, args)
			return
		}
		fmt.Fprintf(c.OutOrStdout(), "%s\n\n", c.Long)
		writeUsage(c.OutOrStdout(), c, sections)
	})
	cmd.SetUsageFunc(func(c *cobra.Command) error {
		if c != cmd {
			return usage(c)
		}
		writeUsage(c.OutOrStderr(), c, sections)
		return nil
	})
}

func writeUsage(out io.Writer, cmd *cobra.Command, sections cliflag.NamedFlagSets) {
	fmt.Fprintf(out, "Usage:\n  %s\n  %s [command]\n\nCommands:\n", cmd.UseLine(), cmd.CommandPath())
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			fmt.Fprintf(out, "  %-12s %s\n", c.Name(), c.Short)
		}
	}
	width, _, _ := term.TerminalSize(out) // 0, for as wide as it gets, where it is no terminal
	cliflag.PrintSections(out, sections, width)
	fmt.Fprintf(out, "\nUse \"%s [command] --help\" for more about a command.\n", cmd.CommandPath())
}
