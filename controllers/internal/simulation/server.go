// Package simulation is a model of the API server, of watches that lag behind it, and of what may befall a write. It has no
// goroutine, no clock and no chance of its own: a test that draws its steps from a seed can be replayed.
package simulation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Object is what the server holds. What has been handed to the server or got from it must not be changed any more.
type Object interface {
	metav1.Object
	runtime.Object
}

// Server holds objects of one or more kinds. Each change gets a version that is higher than all before it.
type Server struct {
	// Now returns the time for timestamps.
	Now func() time.Time

	version int
	uids    int
	tables  map[string]*table
}

type table struct {
	objects map[string]Object // by namespace/name
	log     []event
}

// event is a change: the object after it, or the last of it if it was deleted.
type event struct {
	object  Object
	deleted bool
}

// NewServer returns a Server without objects.
func NewServer(now func() time.Time) *Server {
	return &Server{Now: now, tables: map[string]*table{}}
}

// Version returns the version of the last change.
func (s *Server) Version() string {
	return strconv.Itoa(s.version + 1) // 0 is no version
}

func (s *Server) table(kind string) *table {
	if s.tables[kind] == nil {
		s.tables[kind] = &table{objects: map[string]Object{}}
	}
	return s.tables[kind]
}

// Create adds the object, which gets a UID and a time of creation.
func (s *Server) Create(kind string, object Object) (Object, error) {
	t, key := s.table(kind), keyOf(object)
	if _, exists := t.objects[key]; exists {
		return nil, apierrors.NewAlreadyExists(groupResource(kind), object.GetName())
	}
	created := object.DeepCopyObject().(Object)
	s.uids++
	created.SetUID(types.UID(fmt.Sprintf("%s-%d", kind, s.uids)))
	created.SetCreationTimestamp(metav1.NewTime(s.Now().Truncate(time.Second)))
	created.SetGeneration(1)
	return s.commit(t, key, created), nil
}

// Put makes the object what it is to be.
func (s *Server) Put(kind string, object Object) (Object, error) {
	t, key := s.table(kind), keyOf(object)
	if _, exists := t.objects[key]; !exists {
		return nil, apierrors.NewNotFound(groupResource(kind), object.GetName())
	}
	return s.commit(t, key, object), nil
}

// Change changes a copy of the object and commits it.
func (s *Server) Change(kind, namespace, name string, change func(Object)) (Object, error) {
	t, key := s.table(kind), namespace+"/"+name
	object, exists := t.objects[key]
	if !exists {
		return nil, apierrors.NewNotFound(groupResource(kind), name)
	}
	changed := object.DeepCopyObject().(Object)
	change(changed)
	return s.commit(t, key, changed), nil
}

func (s *Server) commit(t *table, key string, object Object) Object {
	s.version++
	object.SetResourceVersion(s.Version())
	t.objects[key] = object
	t.log = append(t.log, event{object: object})
	return object
}

// Remove takes the object away at once.
func (s *Server) Remove(kind, namespace, name string) error {
	t, key := s.table(kind), namespace+"/"+name
	object, exists := t.objects[key]
	if !exists {
		return apierrors.NewNotFound(groupResource(kind), name)
	}
	last := object.DeepCopyObject().(Object)
	s.version++
	last.SetResourceVersion(s.Version())
	delete(t.objects, key)
	t.log = append(t.log, event{object: last, deleted: true})
	return nil
}

// Get returns the object.
func (s *Server) Get(kind, namespace, name string) (Object, error) {
	object, exists := s.table(kind).objects[namespace+"/"+name]
	if !exists {
		return nil, apierrors.NewNotFound(groupResource(kind), name)
	}
	return object, nil
}

// Since returns what the object was at the version, and what it has been since. Where it was not there it is left out.
func (s *Server) Since(kind, namespace, name string, version int) []Object {
	var states []Object
	log := s.table(kind).log
	for i := len(log) - 1; i >= 0; i-- {
		object := log[i].object
		if object.GetNamespace() != namespace || object.GetName() != name {
			continue
		}
		if !log[i].deleted {
			states = append(states, object)
		}
		if VersionOf(object.GetResourceVersion()) <= version {
			break
		}
	}
	return states
}

// VersionOf returns the number that a resourceVersion of a Server is, 0 if it is none.
func VersionOf(resourceVersion string) int {
	n, err := strconv.Atoi(resourceVersion)
	if err != nil {
		return 0
	}
	return n
}

// List returns all objects of the kind, sorted by namespace and name.
func (s *Server) List(kind string) []Object {
	objects := make([]Object, 0, len(s.table(kind).objects))
	for _, object := range s.table(kind).objects {
		objects = append(objects, object)
	}
	slices.SortFunc(objects, func(a, b Object) int { return strings.Compare(keyOf(a), keyOf(b)) })
	return objects
}

func keyOf(object metav1.Object) string {
	return object.GetNamespace() + "/" + object.GetName()
}

func groupResource(kind string) schema.GroupResource {
	return schema.GroupResource{Resource: kind}
}
