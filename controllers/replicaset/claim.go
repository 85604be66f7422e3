package replicaset

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// claims says what becomes of the pods that a ReplicaSet may have a say in.
type claims struct {
	own            []*corev1.Pod // with those to adopt, without those to release
	adopt, release []*corev1.Pod
}

// claim sorts the pods of the observation. Only active pods are adopted and released: what ends anyway is left alone.
func claim(o observation) claims {
	var c claims
	for _, pod := range o.pods {
		switch ownership.Decide(o.replicaSet, o.selector, pod) {
		case ownership.Own:
			c.own = append(c.own, pod)
		case ownership.Release:
			if podfacts.IsActive(pod) && !o.isUnseen(pod) {
				c.release = append(c.release, pod)
			}
		}
	}
	for _, pod := range o.orphans {
		if ownership.Decide(o.replicaSet, o.selector, pod) != ownership.Adopt || !podfacts.IsActive(pod) {
			continue
		}
		c.own = append(c.own, pod)
		if !o.isUnseen(pod) {
			c.adopt = append(c.adopt, pod)
		}
	}
	return c
}

// active returns the own pods that count as replicas.
func (c claims) active() []*corev1.Pod {
	active := make([]*corev1.Pod, 0, len(c.own))
	for _, pod := range c.own {
		if podfacts.IsActive(pod) {
			active = append(active, pod)
		}
	}
	return active
}

// census counts the own pods.
func (c claims) census(o observation) podfacts.Census {
	return podfacts.Count(c.own, o.replicaSet.Spec.MinReadySeconds, o.now)
}

func (o observation) isUnseen(pod *corev1.Pod) bool {
	return o.unseen != nil && o.unseen(pod)
}
