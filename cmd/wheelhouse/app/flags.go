package app

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
)

// option is a flag as `wheelhouse flags` shows it.
type option struct {
	Section string `json:"section"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default string `json:"default"`
	Meaning string `json:"meaning"`
}

// flagsCommand lists the flags, in the sections of the help. It needs no cluster.
func flagsCommand(sections cliflag.NamedFlagSets) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "flags",
		Short: "List the flags that this program has",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return writeFlagList(cmd.OutOrStdout(), format, optionsIn(sections))
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "table", `Format: "table", "json", "yaml" or, for documents, "markdown".`)
	return cmd
}

func optionsIn(sections cliflag.NamedFlagSets) []option {
	var list []option
	for _, section := range sections.Order {
		sections.FlagSets[section].VisitAll(func(f *pflag.Flag) {
			kind, meaning := pflag.UnquoteUsage(f)
			if kind == "" {
				kind = f.Value.Type() // of a flag that needs no value
			}
			list = append(list, option{section, f.Name, kind, strings.Trim(f.DefValue, "[]"), meaning})
		})
	}
	return list
}

func writeFlagList(out io.Writer, format string, list []option) error {
	if format == "markdown" {
		return writeFlagTables(out, list)
	}
	return write(out, format, list, func() error {
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "NAME\tDEFAULT\tMEANING")
		for _, o := range list {
			fmt.Fprintf(table, "--%s\t%s\t%s\n", o.Name, o.Default, o.Meaning)
		}
		return table.Flush()
	})
}

// writeFlagTables writes a table for each section, under a heading.
func writeFlagTables(out io.Writer, list []option) error {
	escape := strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`)
	section := ""
	for _, o := range list {
		if o.Section != section {
			section = o.Section
			fmt.Fprintf(out, "\n### %s\n\n| flag | default | meaning |\n| --- | --- | --- |\n", strings.ToUpper(section[:1])+section[1:])
		}
		value := ""
		if o.Default != "" {
			value = "`" + o.Default + "`"
		}
		if _, err := fmt.Fprintf(out, "| `--%s` | %s | %s |\n", o.Name, value, escape.Replace(o.Meaning)); err != nil {
			return err
		}
	}
	return nil
}
