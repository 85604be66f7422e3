// Package builtin is the list of the controllers that this repository has.
package builtin

import (
	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/deployment"
	"github.com/6ead2ce0/wheelhouse/controllers/podsync"
	"github.com/6ead2ce0/wheelhouse/controllers/replicaset"
)

// All returns a descriptor of each controller, sorted by name. The descriptors, and with them the values of the controllers'
// flags, are new in each call.
func All() []controllers.Descriptor {
	return []controllers.Descriptor{
		deployment.Descriptor(),
		podsync.Descriptor(),
		replicaset.Descriptor(),
	}
}
