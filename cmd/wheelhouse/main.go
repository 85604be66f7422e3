// Command wheelhouse hosts the controllers that this repository has.
package main

import (
	"os"

	"github.com/6ead2ce0/wheelhouse/cmd/wheelhouse/app"
	"github.com/6ead2ce0/wheelhouse/controllers/builtin"
)

func main() {
	os.Exit(app.Run(app.NewCommand(builtin.All()...)))
}
