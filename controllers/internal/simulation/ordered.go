package simulation

import (
	"slices"
	"strings"

	"k8s.io/client-go/tools/cache"
)

// ordered is a cache that always returns objects in the same order, so that a simulation that acts on them can be replayed.
type ordered struct {
	cache.Indexer
}

func (o ordered) List() []any {
	return inOrder(o.Indexer.List())
}

func (o ordered) ByIndex(index, value string) ([]any, error) {
	objects, err := o.Indexer.ByIndex(index, value)
	return inOrder(objects), err
}

func inOrder(objects []any) []any {
	slices.SortFunc(objects, func(a, b any) int { return strings.Compare(keyOf(a.(Object)), keyOf(b.(Object))) })
	return objects
}
