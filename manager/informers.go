package manager

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/informers/internalinterfaces"
	"k8s.io/client-go/tools/cache"
)

// usedInformers is the shared factory as one controller sees it. It remembers which informers the controller asked for, so
// that these, and no others, are what the controller waits for.
type usedInformers struct {
	informers.SharedInformerFactory
	caches *caches

	mu   sync.Mutex
	used map[*cached]struct{} // guarded by mu
}

// InformerFor is where each typed informer comes from.
func (u *usedInformers) InformerFor(obj runtime.Object, newFunc internalinterfaces.NewInformerFunc) cache.SharedIndexInformer {
	informer := u.SharedInformerFactory.InformerFor(obj, newFunc)
	u.use(informer, resourceOf(obj))
	return informer
}

// ForResource is for those who know the resource only at run time.
func (u *usedInformers) ForResource(gvr schema.GroupVersionResource) (informers.GenericInformer, error) {
	generic, err := u.SharedInformerFactory.ForResource(gvr)
	if err == nil {
		u.use(generic.Informer(), gvr.GroupResource().String())
	}
	return generic, err
}

func (u *usedInformers) use(informer cache.SharedIndexInformer, resource string) {
	one := u.caches.of(informer, resource)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.used[one] = struct{}{}
}

// list returns the caches that the controller asked for, sorted by resource.
func (u *usedInformers) list() []*cached {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.DeleteFunc(u.caches.list(), func(c *cached) bool {
		_, used := u.used[c]
		return !used
	})
}

// uses reports whether the controller asked for the cache of the resource.
func (u *usedInformers) uses(resource string) bool {
	return slices.ContainsFunc(u.list(), func(c *cached) bool { return c.resource == resource })
}

func (u *usedInformers) start(ctx context.Context) {
	for _, c := range u.list() {
		c.start(ctx, &u.caches.running)
	}
}

// follow notes which caches have moved on.
func (u *usedInformers) follow() {
	for _, c := range u.list() {
		c.idle(time.Now())
	}
}

// refused says which caches the API server refuses to fill or to keep up to date, and why. Lost connections don't count: caches
// come back by themselves, and the check of the API server tells of them.
func (u *usedInformers) refused() string {
	var reasons []string
	for _, c := range u.list() {
		err := c.lastError()
		if status := apierrors.APIStatus(nil); errors.As(err, &status) {
			reasons = append(reasons, fmt.Sprintf("%s: %v", c.resource, err))
		}
	}
	return strings.Join(reasons, "; ")
}

// unsynced says which caches are not filled, and why as far as is known: "caches synced 1/2; pods: forbidden".
func (u *usedInformers) unsynced() string {
	list := u.list()
	var waiting []string
	for _, c := range list {
		if c.isSynced() {
			continue
		}
		what := c.resource
		if err := c.lastError(); err != nil {
			what += ": " + err.Error()
		}
		waiting = append(waiting, what)
	}
	return fmt.Sprintf("caches synced %d/%d; waiting for %s", len(list)-len(waiting), len(list), strings.Join(waiting, "; "))
}
