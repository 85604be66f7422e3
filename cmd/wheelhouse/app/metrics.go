package app

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/metrics"
)

// metricsCommand lists the metrics of a process with all controllers. It needs no cluster.
func metricsCommand(all []controllers.Descriptor) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "List the metrics that this program has at /metrics",
		Long: `List the metrics that this program has at /metrics, but those with which the Prometheus
library tells of itself, the Go runtime and the process (promhttp_, go_, process_).`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := catalog(all)
			if err != nil {
				return err
			}
			return writeMetrics(cmd.OutOrStdout(), format, list)
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "table", `Format: "table", "json", "yaml" or, for documents, "markdown".`)
	return cmd
}

// catalog wires a process, which is not run, to see what it measures.
func catalog(all []controllers.Descriptor) ([]metrics.Metric, error) {
	o := defaultOptions(all)
	o.Client.Master = "http://localhost" // to which nothing is sent
	p, err := o.newProcess(all, pflag.NewFlagSet(programName, pflag.ContinueOnError))
	if err != nil {
		return nil, err
	}
	defer p.manager.Close()
	list, err := p.registry.Catalog()
	return slices.DeleteFunc(list, func(m metrics.Metric) bool {
		return strings.HasPrefix(m.Name, "go_") || strings.HasPrefix(m.Name, "process_")
	}), err
}

func writeMetrics(out io.Writer, format string, list []metrics.Metric) error {
	if format == "markdown" {
		return writeMarkdown(out, list)
	}
	return write(out, format, list, func() error {
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "NAME\tTYPE\tLABELS\tMEANING")
		for _, m := range list {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", m.Name, m.Type, strings.Join(m.Labels, ","), m.Help)
		}
		return table.Flush()
	})
}

// writeMarkdown writes the rows of a table, without its head: pages have several.
func writeMarkdown(out io.Writer, list []metrics.Metric) error {
	escape := strings.NewReplacer("|", `\|`, "<", "&lt;")
	for _, m := range list {
		if _, err := fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", m.Name, m.Type, strings.Join(m.Labels, ", "), escape.Replace(m.Help)); err != nil {
			return err
		}
	}
	return nil
}
