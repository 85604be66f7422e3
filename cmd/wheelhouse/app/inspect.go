package app

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/leaderelection"
	"github.com/6ead2ce0/wheelhouse/status"
)

// inspectOptions are the flags of `wheelhouse status` and `wheelhouse explain`.
type inspectOptions struct {
	// Address is the URL of a status port. Default: none, and the leader's is reached through the API server.
	Address string
	// Output is the format: table, json or yaml. Default: table.
	Output string
	// Watch is whether to go on, every watchInterval. Default: false.
	Watch bool
	// Namespace is that of the pods. Default: that of the Lease.
	Namespace string
	Serving   servingOptions
	Client    clientOptions
	Election  leaderelection.Options
}

// watchInterval is how often --watch asks anew.
const watchInterval = 2 * time.Second

func defaultInspectOptions() *inspectOptions {
	return &inspectOptions{
		Output: "table", Serving: defaultServingOptions(), Client: defaultClientOptions(), Election: leaderelection.DefaultOptions(),
	}
}

func (o *inspectOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Address, "address", o.Address, "URL of a status port, such as http://127.0.0.1:10281. Without it, the leader's is reached through the API server.")
	flags.StringVarP(&o.Output, "output", "o", o.Output, `Format: "table", "json" or "yaml".`)
	flags.BoolVarP(&o.Watch, "watch", "w", o.Watch, "Go on, every 2 seconds.")
	flags.StringVar(&o.Namespace, "namespace", o.Namespace, "Namespace of the replicas' pods. Default: that of the Lease.")
	managers := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.Client.addFlags(managers)
	o.Election.AddFlags(managers)
	o.Serving.addFlags(managers)
	for _, name := range []string{"kubeconfig", "master", "leader-elect-scope", "leader-elect-resource-name", "leader-elect-resource-namespace", "status-port"} {
		flags.AddFlag(managers.Lookup(name))
	}
	flags.Lookup("status-port").Usage = "Status port of the replicas' pods."
}

func (o *inspectOptions) validate() error {
	if o.Output != "table" && o.Output != "json" && o.Output != "yaml" {
		return &controllers.FlagError{Flag: "output", Reason: fmt.Sprintf(`must be "table", "json" or "yaml", not %q`, o.Output)}
	}
	if o.Address != "" {
		if u, err := url.Parse(o.Address); err != nil || u.Scheme != "http" || u.Host == "" {
			return &controllers.FlagError{Flag: "address", Reason: fmt.Sprintf("must be a URL such as http://127.0.0.1:10281, not %q", o.Address)}
		}
	}
	if o.Serving.StatusPort < 1 || o.Serving.StatusPort > 65535 {
		return &controllers.FlagError{Flag: "status-port", Reason: fmt.Sprintf("must be from 1 to 65535, not %d", o.Serving.StatusPort)}
	}
	if err := o.Election.Validate(); err != nil {
		return &usageError{err}
	}
	return nil
}

func statusCommand(all []controllers.Descriptor) *cobra.Command {
	o := defaultInspectOptions()
	cmd := &cobra.Command{
		Use:   "status [CONTROLLER]",
		Short: "Show what the controllers are doing, or one of them",
		Example: `  wheelhouse status --kubeconfig=$HOME/.kube/config
  wheelhouse status replicaset --address=http://127.0.0.1:10281 --watch`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return inspect(cmd, o, "", "/", writeProcess)
			}
			name := nameOf(args[0], all)
			return inspect(cmd, o, name, controllerPath(name), writeController)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func explainCommand(all []controllers.Descriptor) *cobra.Command {
	o := defaultInspectOptions()
	cmd := &cobra.Command{
		Use:     "explain CONTROLLER NAMESPACE/NAME",
		Short:   "Say why a key of a controller is not done",
		Example: `  wheelhouse explain replicaset shop/web-7d4b9c --kubeconfig=$HOME/.kube/config`,
		Args:    arguments(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var parts []string
			for part := range strings.SplitSeq(args[1], "/") {
				parts = append(parts, url.PathEscape(part))
			}
			name := nameOf(args[0], all)
			return inspect(cmd, o, name, controllerPath(name)+"/keys/"+strings.Join(parts, "/"), writeExplanation)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// nameOf returns the controller's name for its name or alias. What is unknown here, the process that is asked may know.
func nameOf(word string, all []controllers.Descriptor) string {
	if name, known := controllers.NameOf(word, all); known {
		return name
	}
	return word
}

func controllerPath(name string) string { return "/controllers/" + url.PathEscape(name) }

// arguments takes so many.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return &usageError{fmt.Errorf("%s takes %s, not %d arguments", cmd.Name(), strings.TrimPrefix(cmd.Use, cmd.Name()+" "), len(args))}
		}
		return nil
	}
}

// inspect writes what is at the path of the status page, of the replica that leads the controller, "" for all.
func inspect[T status.Process | status.ControllerDetail | status.KeyDetail](cmd *cobra.Command, o *inspectOptions, controller, path string, table func(io.Writer, T) error) error {
	if err := o.validate(); err != nil {
		return err
	}
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	once := func() error {
		var value T
		if err := o.ask(ctx, controller, path, &value); err != nil {
			return err
		}
		return write(out, o.Output, value, func() error { return table(out, value) })
	}
	if err := once(); err != nil || !o.Watch {
		return err
	}
	for sleep(ctx, watchInterval) {
		if err := separate(out, o.Output); err != nil {
			return err
		}
		if err := once(); err != nil && ctx.Err() == nil { // as while another replica takes over
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", programName, err)
		}
	}
	return nil
}

// ask decodes what is at the path. It looks for the leader anew each time: it may be another than before.
func (o *inspectOptions) ask(ctx context.Context, controller, path string, into any) error {
	page, err := o.open(ctx, controller)
	if err != nil {
		return err
	}
	defer page.close()
	return page.get(ctx, path, into)
}

// separate divides what --watch writes from what it writes next.
func separate(out io.Writer, format string) error {
	mark := map[string]string{"table": "\n", "yaml": "---\n"}[format]
	_, err := io.WriteString(out, mark)
	return err
}

// sleep waits, and reports whether ctx has not ended by then.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
