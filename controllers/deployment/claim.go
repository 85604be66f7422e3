package deployment

import (
	appsv1 "k8s.io/api/apps/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

// claims says what becomes of the ReplicaSets that a Deployment may have a say in.
type claims struct {
	own, adopt, release []*appsv1.ReplicaSet
}

// claim sorts the ReplicaSets of the observation.
func claim(o observation) claims {
	var c claims
	for _, set := range o.sets {
		switch ownership.Decide(o.deployment, o.selector, set) {
		case ownership.Own:
			c.own = append(c.own, set)
		case ownership.Release:
			c.release = append(c.release, set)
		}
	}
	for _, set := range o.orphans {
		if ownership.Decide(o.deployment, o.selector, set) == ownership.Adopt {
			c.adopt = append(c.adopt, set)
		}
	}
	return c
}
