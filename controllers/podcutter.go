package controllers

import (
	"errors"
	"reflect"

	corev1 "k8s.io/api/core/v1"
)

// PodCutter cuts fields out of pods in the encoding of protocol buffers, so that the rest need not be decoded. It may be used by many at
// once.
type PodCutter struct {
	root  *wireField
	exact bool
}

// Cutter returns the PodCutter of the fields. It fails if pods have no such field, or if whole pods are wanted.
func (f PodFields) Cutter() (*PodCutter, error) {
	if f == nil {
		return nil, errors.New("nothing is to be cut of whole pods")
	}
	root, err := f.tree()
	if err != nil {
		return nil, err
	}
	return &PodCutter{root.onWire(reflect.TypeFor[corev1.Pod]()), root.exactOnWire()}, nil
}

// Cut appends the fields of the encoded pod to into, encoded as it was. It reports false if it doesn't find its way through the pod; what
// isn't wanted is not looked into.
func (c *PodCutter) Cut(into, encoded []byte) (rest []byte, ok bool) {
	return c.root.cut(into, encoded)
}

// Exact reports whether Cut leaves the fields and nothing else. If not, lists may be left whole of which only some items are wanted: a
// Copier takes the fields out of the pod that has been decoded.
func (c *PodCutter) Exact() bool {
	return c.exact
}
