package controllertest

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"
)

// server makes client-go's tracker of objects give names, UIDs, versions and times, and refuse updates of old versions.
type server struct {
	clienttesting.ObjectTracker

	mu       sync.Mutex
	versions map[schema.GroupVersionResource]int64 // guarded by mu: the newest, which the tracker counts as well
	objects  int                                   // guarded by mu: how many were created
	names    []string                              // guarded by mu: theirs
}

func newServer(tracker clienttesting.ObjectTracker) *server {
	return &server{ObjectTracker: tracker, versions: map[schema.GroupVersionResource]int64{}}
}

// serve lets the clientset, whose own tracker it must be, go through the server.
func (s *server) serve(api *fake.Clientset) {
	api.PrependReactor("*", "*", clienttesting.ObjectReaction(s))
}

// Add creates the object, or the items of the list.
func (s *server) Add(object runtime.Object) error {
	if meta.IsListType(object) {
		return meta.EachListItem(object, s.Add)
	}
	gvr, err := resourceOf(object)
	if err != nil {
		return err
	}
	object = object.DeepCopyObject()
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	return s.Create(gvr, object, accessor.GetNamespace())
}

// recreate deletes the object and creates it as it was given at first.
func (s *server) recreate(object runtime.Object) error {
	if meta.IsListType(object) {
		return meta.EachListItem(object, s.recreate)
	}
	gvr, err := resourceOf(object)
	if err != nil {
		return err
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	err = s.Delete(gvr, accessor.GetNamespace(), accessor.GetName())
	if err != nil && !apierrors.IsNotFound(err) { // which the controller may have deleted
		return err
	}
	return s.Add(object)
}

func resourceOf(object runtime.Object) (schema.GroupVersionResource, error) {
	kinds, _, err := scheme.Scheme.ObjectKinds(object)
	if err != nil {
		return schema.GroupVersionResource{}, fmt.Errorf("find the resource of a %T: %w", object, err)
	}
	gvr, _ := meta.UnsafeGuessKindToResource(kinds[0])
	return gvr, nil
}

// Create stores an object that has been given what a new object gets.
func (s *server) Create(gvr schema.GroupVersionResource, object runtime.Object, ns string, opts ...metav1.CreateOptions) error {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nameLocked(accessor)
	return s.storeLocked(gvr, accessor, func() error { return s.ObjectTracker.Create(gvr, object, ns, opts...) })
}

// nameLocked gives the object what tells it from all others.
func (s *server) nameLocked(object metav1.Object) {
	s.objects++
	if object.GetName() == "" && object.GetGenerateName() != "" {
		object.SetName(fmt.Sprintf("%s%05d", object.GetGenerateName(), s.objects))
	}
	s.names = append(s.names, object.GetName())
	if object.GetUID() == "" {
		object.SetUID(types.UID(fmt.Sprintf("00000000-0000-4000-8000-%012d", s.objects)))
	}
	if created := object.GetCreationTimestamp(); created.IsZero() {
		object.SetCreationTimestamp(metav1.Now())
	}
}

// named returns the names of all objects that were created so far.
func (s *server) named() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.names)
}

// Update stores an object unless another version of it has come in between.
func (s *server) Update(gvr schema.GroupVersionResource, object runtime.Object, ns string, opts ...metav1.UpdateOptions) error {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if version := accessor.GetResourceVersion(); version != "" && version != s.storedVersion(gvr, ns, accessor.GetName()) {
		return apierrors.NewConflict(gvr.GroupResource(), accessor.GetName(), fmt.Errorf("version %s is not the newest", version))
	}
	return s.storeLocked(gvr, accessor, func() error { return s.ObjectTracker.Update(gvr, object, ns, opts...) })
}

// Patch stores an object that has been patched.
func (s *server) Patch(gvr schema.GroupVersionResource, object runtime.Object, ns string, opts ...metav1.PatchOptions) error {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.storeLocked(gvr, accessor, func() error { return s.ObjectTracker.Patch(gvr, object, ns, opts...) })
}

// Apply merges the configuration into the object, or creates it. The tracker does so by itself, so that a second event has to
// bring what it does not give.
func (s *server) Apply(gvr schema.GroupVersionResource, configuration runtime.Object, ns string, opts ...metav1.PatchOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ObjectTracker.Apply(gvr, configuration, ns, opts...); err != nil {
		return err
	}
	s.versions[gvr] = max(s.versions[gvr], 1) + 1
	accessor, err := meta.Accessor(configuration)
	if err != nil {
		return err
	}
	object, err := s.Get(gvr, ns, accessor.GetName())
	if err != nil {
		return err
	}
	if accessor, err = meta.Accessor(object); err != nil {
		return err
	}
	s.nameLocked(accessor)
	return s.storeLocked(gvr, accessor, func() error { return s.ObjectTracker.Update(gvr, object, ns) })
}

// storeLocked gives the object the version that the tracker is going to give it.
func (s *server) storeLocked(gvr schema.GroupVersionResource, object metav1.Object, store func() error) error {
	newest := max(s.versions[gvr], 1) // which the tracker begins with
	object.SetResourceVersion(strconv.FormatInt(newest+1, 10))
	if err := store(); err != nil {
		return err
	}
	s.versions[gvr] = newest + 1
	return nil
}

func (s *server) storedVersion(gvr schema.GroupVersionResource, ns, name string) string {
	stored, err := s.Get(gvr, ns, name)
	if err != nil {
		return ""
	}
	accessor, err := meta.Accessor(stored)
	if err != nil {
		return ""
	}
	return accessor.GetResourceVersion()
}
