package together

import (
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// mistake is what is wrong with the Deployment controller of a world. The zero value is nothing.
type mistake struct {
	// neverBegins lets it go without knowing how far the caches must come.
	neverBegins bool
	// forgets makes it forget all that it has done after each reconcile.
	forgets bool
	// client changes what it sends and gets.
	client func(*process, simulation.Client) kubernetes.Interface
	// hidesPods shows it none.
	hidesPods bool
}

func (m mistake) podsOf(p *process) cache.Indexer {
	return p.pods.Store
}
