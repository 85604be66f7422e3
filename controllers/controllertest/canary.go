package controllertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// canaryName is what Env.Canary says.
func canaryName() cache.ObjectName { return cache.NewObjectName("default", "controllertest-canary") }

// runLeavesCanaryAlone gives the controller a canary on which it would have something to do, were it any object: it can't be told whether
// somebody else looks after the canary if the controller itself does.
func runLeavesCanaryAlone(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok || c.descriptor().Canary == nil {
		return
	}
	canary := c.descriptor().Canary.Open(tr.Env)
	uid, err := tr.temptWith(canary)
	if err != nil {
		r.breach("%v", err)
		return
	}
	tr.start(r)
	defer tr.end()
	if _, shown := canary.Cached(); !shown {
		r.breach("Cached of the canary does not show what its Create has made: which cache does it look into?")
	}
	writes := map[call]int{}
	for _, how := range []ending{byDrain, byLoss} {
		tr.countWrites(how, uid, writes)
		if _, err := canary.Renew(context.Background()); err != nil { // which brings the key back
			r.breach("%v", err)
		}
		synctest.Wait()
	}
	if len(writes) > 0 {
		r.breach("Run did this to its canary: %s; reconcile must leave alone the key env.Canary", describe(writes))
	}
	if told := tr.canary.list(); len(told) > 0 {
		r.breach("Run told events of its canary: %q; reconcile must leave alone the key env.Canary", told)
	}
}

// countWrites runs a term and counts what is written of the canary in it.
func (tr *trial) countWrites(how ending, uid types.UID, writes map[call]int) {
	before := len(tr.API.Actions())
	tr.term(how)
	for _, action := range tr.API.Actions()[before:] {
		if isWrite(action.GetVerb()) && isAbout(action, uid) {
			writes[callOf(action)]++
		}
	}
}

// temptWith has the canary made, and makes it look like work: nobody has observed it, and it wants three of whatever it is about.
func (tr *trial) temptWith(canary controllers.CanaryObject) (types.UID, error) {
	before := len(tr.API.Actions())
	if _, err := canary.Create(context.Background()); err != nil {
		return "", fmt.Errorf("make the canary: %w", err)
	}
	actions := tr.API.Actions()[before:]
	if len(actions) != 1 || actions[0].GetVerb() != "create" {
		return "", errors.New("the canary's Create must make one object, and do nothing else")
	}
	gvr, name := actions[0].GetResource(), canaryName()
	object, err := tr.server.Get(gvr, name.Namespace, name.Name)
	if err != nil {
		return "", fmt.Errorf("the canary must be called as env.Canary says: %w", err)
	}
	tempting, err := asWork(object)
	if err != nil {
		return "", err
	}
	return tempting.GetUID(), tr.server.Update(gvr, tempting.(runtime.Object), name.Namespace)
}

// asWork returns a copy that asks for something, as far as its kind has the fields by which those of apps/v1 do.
func asWork(object runtime.Object) (metav1.Object, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, err
	}
	unstructured.RemoveNestedField(content, "spec", "paused")
	err = errors.Join(
		unstructured.SetNestedField(content, int64(3), "spec", "replicas"),
		unstructured.SetNestedField(content, int64(2), "metadata", "generation"),
	)
	if err != nil {
		return nil, err
	}
	work := reflect.New(reflect.TypeOf(object).Elem()).Interface()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, work); err != nil {
		return nil, err
	}
	return meta.Accessor(work)
}

// isAbout reports whether the write is one of the canary, or of an object that is to belong to it.
func isAbout(action clienttesting.Action, uid types.UID) bool {
	if named, ok := action.(interface{ GetName() string }); ok && named.GetName() == canaryName().Name {
		return true
	}
	writing, ok := action.(interface{ GetObject() runtime.Object })
	if !ok {
		return false
	}
	object, err := meta.Accessor(writing.GetObject())
	if err != nil {
		return false
	}
	for _, owner := range object.GetOwnerReferences() {
		if owner.UID == uid {
			return true
		}
	}
	return cache.MetaObjectToName(object) == canaryName()
}

// canaryEvents keeps the events of the canary and forgets others.
type canaryEvents struct {
	mu   sync.Mutex
	told []string // guarded by mu
}

func (e *canaryEvents) list() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.told
}

// keep keeps the event if it is about the canary.
func (e *canaryEvents) keep(object runtime.Object, kind, reason, message string) {
	if about, err := meta.Accessor(object); err != nil || cache.MetaObjectToName(about) != canaryName() {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, fmt.Sprintf("%s %s %s", kind, reason, message))
}
