// Command localcluster runs a Kubernetes control plane with fake nodes on loopback, for development and tests.
package main

import (
	"os"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
}
