package app

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// listed is a controller as `wheelhouse controllers` shows it.
type listed struct {
	Name             string   `json:"name"`
	Aliases          []string `json:"aliases,omitempty"`
	EnabledByDefault bool     `json:"enabledByDefault"`
	Doc              string   `json:"doc"`
}

// controllersCommand lists the controllers. It needs no cluster.
func controllersCommand(all []controllers.Descriptor) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "controllers",
		Short: "List the controllers that this program has",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return list(cmd.OutOrStdout(), format, all)
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "table", `Format: "table", "json" or "yaml".`)
	return cmd
}

func list(out io.Writer, format string, all []controllers.Descriptor) error {
	rows := make([]listed, 0, len(all))
	for _, d := range all {
		rows = append(rows, listed{Name: d.Name, Aliases: d.Aliases, EnabledByDefault: !d.DisabledByDefault, Doc: d.Doc})
	}
	return write(out, format, rows, func() error { return writeTable(out, rows) })
}

// write writes the value as JSON or YAML, or calls table, as the format says.
func write(out io.Writer, format string, value any, table func() error) error {
	switch format {
	case "table":
		return table()
	case "json":
		return writeJSON(out, value)
	case "yaml":
		return writeYAML(out, value)
	}
	return &controllers.FlagError{Flag: "output", Reason: fmt.Sprintf(`must be "table", "json" or "yaml", not %q`, format)}
}

func writeTable(out io.Writer, rows []listed) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "NAME\tALIASES\tDEFAULT\tDOC")
	for _, row := range rows {
		state := "on"
		if !row.EnabledByDefault {
			state = "off"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.Name, strings.Join(row.Aliases, ","), state, row.Doc)
	}
	return table.Flush()
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func writeYAML(out io.Writer, value any) error {
	text, err := yaml.Marshal(value)
	if err != nil {
		return fmt.Errorf("write YAML: %w", err)
	}
	_, err = out.Write(text)
	return err
}
