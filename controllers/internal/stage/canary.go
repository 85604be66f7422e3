package stage

import (
	"testing"

	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// WithCanary returns a Process of the controller, which is told that its canary is called own, and one that has been made under the name
// made.
func WithCanary(t *testing.T, d controllers.Descriptor, made, own cache.ObjectName) (*Process, controllers.CanaryObject) {
	t.Helper()
	var canary controllers.CanaryObject
	p := New(t, func(env controllers.Env) (controllers.Controller, error) {
		env.Canary = made
		canary = d.Canary.Open(env)
		env.Canary = own
		return d.New(env)
	})
	if _, err := canary.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, canary
}
