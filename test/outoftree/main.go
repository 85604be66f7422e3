// Command outoftree is wheelhouse with two controllers of somebody else's: what a program of one's own looks like.
package main

import (
	"os"

	"example.com/hello/crasher"
	"example.com/hello/greeter"

	"github.com/6ead2ce0/wheelhouse/cmd/wheelhouse/app"
	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/builtin"
)

func main() {
	os.Exit(app.Run(app.NewCommand(all()...)))
}

func all() []controllers.Descriptor {
	return append(builtin.All(), crasher.Descriptor(), greeter.Descriptor())
}
