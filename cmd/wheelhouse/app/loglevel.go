package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// logLevelCommand shows or changes how much a running process logs.
func logLevelCommand() *cobra.Command {
	o := defaultVisitOptions()
	cmd := &cobra.Command{
		Use:   "log-level [CONTROLLER] [LEVEL]",
		Short: "Show or change how much a running process logs",
		Long: `Shows or changes how much a running process logs, or one of its controllers, until it ends.
A level is error, warn, info, debug, or a number as of --v. With "default", a controller
logs as much as the process again. A word that is a level is never taken for a controller.`,
		Example: `  wheelhouse log-level --address=https://10.0.0.7:10280 --certificate-authority=ca.crt
  wheelhouse log-level replicaset debug --address=https://10.0.0.7:10280 --certificate-authority=ca.crt
  wheelhouse log-level client-go 6 --address=https://10.0.0.7:10280 --certificate-authority=ca.crt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 2 {
				return &usageError{fmt.Errorf("unknown argument %q: want a controller and a level at most", args[2])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.logLevel(cmd.Context(), cmd.OutOrStdout(), args)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (o *visitOptions) logLevel(ctx context.Context, out io.Writer, args []string) error {
	logger, level, err := levelArguments(args)
	if err != nil {
		return &usageError{err}
	}
	path, method := levelPath, http.MethodGet
	if level != "" {
		method = http.MethodPut
	}
	if logger != "" && level != "" {
		path += "/" + logger
	}
	body, err := o.visit(ctx, method, path, level)
	if err != nil {
		return err
	}
	var list levelList
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("read the log levels: %w", err)
	}
	return list.write(out, logger)
}

// levelArguments tells what the arguments are: a lone word is a level if it can be one.
func levelArguments(args []string) (logger, level string, err error) {
	if len(args) == 1 {
		if _, err := parseLevel(args[0]); err == nil {
			return "", args[0], nil
		}
	}
	if len(args) > 0 {
		logger = args[0]
	}
	if len(args) > 1 {
		if level = args[1]; level != followProcess {
			_, err = parseLevel(level)
		}
	}
	if strings.ContainsAny(logger, "/?#%") {
		err = fmt.Errorf("%q is no controller", logger)
	}
	return logger, level, err
}

// write shows the levels of all, or of one.
func (l levelList) write(out io.Writer, only string) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "LOGGER\tLEVEL")
	if only == "" {
		fmt.Fprintf(table, "(process)\t%s\n", l.Process)
	}
	for _, name := range slices.Sorted(maps.Keys(l.Loggers)) {
		if only == "" || only == name {
			fmt.Fprintf(table, "%s\t%s\n", name, l.Loggers[name])
		}
	}
	if _, ok := l.Loggers[only]; only != "" && !ok {
		return errors.New((&unknownLoggerError{only, slices.Sorted(maps.Keys(l.Loggers))}).Error())
	}
	return table.Flush()
}
