package cli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/datadir"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/kubeconfig"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/pki"
)

// mint is a request for another user's kubeconfig.
type mint struct {
	dir, user, output string
	groups            []string
}

func newKubeconfigCommand() *cobra.Command {
	var mint mint
	command := &cobra.Command{
		Use:   "kubeconfig --dir DIR --user NAME",
		Short: "Mint a kubeconfig for a user of the cluster in DIR",
		Long: `Mint a kubeconfig for a user of the cluster in DIR: a client certificate, valid for a year.

The user has the rights that RBAC gives to the name and the groups.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			if mint.dir == "" {
				return usageError{errors.New("--dir: must name the folder of a cluster")}
			}
			if mint.user == "" {
				return usageError{errors.New("--user: must name a user")}
			}
			data, err := mint.encode()
			if err != nil {
				return err
			}
			if mint.output != "" {
				return kubeconfig.WriteFile(mint.output, data)
			}
			_, err = command.OutOrStdout().Write(data)
			return err
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&mint.dir, "dir", "", "`folder` of the cluster")
	flags.StringVar(&mint.user, "user", "", "`name` of the user")
	flags.StringArrayVar(&mint.groups, "group", nil, "`name` of a group of the user (repeatable)")
	flags.StringVar(&mint.output, "output", "", "`file` to write, mode 0600 (default stdout)")
	return command
}

func (m mint) encode() ([]byte, error) {
	dir, err := datadir.Find(m.dir)
	if err != nil {
		return nil, err
	}
	server, err := kubeconfig.Server(dir.Kubeconfig())
	if err != nil {
		return nil, err
	}
	authority, err := pki.LoadAuthority(dir.PKI(), time.Now())
	if err != nil {
		return nil, err
	}
	pair, err := authority.Issue(pki.Request{User: m.user, Groups: m.groups})
	if err != nil {
		return nil, err
	}
	return kubeconfig.Encode(server, m.user, authority.CertPEM(), pair)
}
