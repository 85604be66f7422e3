package simulation

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// operation is one of a JSON patch.
type operation struct {
	Op    string
	Path  string
	Value json.RawMessage
}

// errParent is that of an operation on a field whose parent isn't there.
var errParent = errors.New("add operation does not apply: doc is missing path")

// patchJSON changes the object as package jsonpatch's patches say, on typed objects: to go by way of all of their JSON would take
// most of a simulation's time. A change of the spec makes a new generation.
func patchJSON(object Object, text []byte, status bool) error {
	var operations []operation
	if err := json.Unmarshal(text, &operations); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	respec := false
	for _, o := range operations {
		steps := strings.Split(strings.TrimPrefix(o.Path, "/"), "/")
		if steps[0] == "spec" && status {
			continue // the server drops what a write to the status says of the spec
		}
		changed, err := o.apply(object, steps)
		if err != nil {
			return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
		}
		respec = respec || changed
	}
	if respec {
		object.SetGeneration(object.GetGeneration() + 1)
	}
	return nil
}

func (o operation) apply(object Object, steps []string) (respec bool, err error) {
	switch {
	case o.Op == "test":
		return false, o.test(object)
	case steps[0] == "metadata" && steps[1] == "annotations":
		return false, o.annotate(object, steps[2:])
	case o.Op == "add" && steps[0] == "spec" && len(steps) == 2:
		return o.setSpec(object)
	case o.Op == "add" && steps[0] == "status":
		return false, o.setStatus(object, steps[1:])
	}
	return false, fmt.Errorf("the model doesn't know %s %s", o.Op, o.Path)
}

func (o operation) test(object Object) error {
	var wanted any
	switch o.Path {
	case "/metadata/uid":
		wanted = object.GetUID()
	case "/metadata/generation":
		wanted = object.GetGeneration()
	case "/metadata/resourceVersion":
		wanted = object.GetResourceVersion()
	}
	text, err := json.Marshal(wanted)
	if err != nil || string(text) != string(o.Value) {
		return fmt.Errorf("testing value %s failed", o.Path)
	}
	return nil
}

func (o operation) annotate(object Object, steps []string) error {
	annotations := object.GetAnnotations()
	if len(steps) == 0 {
		annotations = nil
		if err := json.Unmarshal(o.Value, &annotations); err != nil {
			return err
		}
		object.SetAnnotations(annotations)
		return nil
	}
	key := strings.NewReplacer("~1", "/", "~0", "~").Replace(steps[0])
	_, has := annotations[key]
	switch {
	case len(annotations) == 0, o.Op == "remove" && !has: // what is empty is not encoded
		return errParent
	case o.Op == "remove":
		if delete(annotations, key); len(annotations) == 0 {
			object.SetAnnotations(nil)
		}
		return nil
	}
	var value string
	err := json.Unmarshal(o.Value, &value)
	annotations[key] = value
	return err
}

// setSpec sets a field of the spec and reports whether that changes it.
func (o operation) setSpec(object Object) (respec bool, err error) {
	switch object := object.(type) {
	case *appsv1.Deployment:
		if o.Path == "/spec/template" {
			before := object.Spec.Template
			object.Spec.Template = corev1.PodTemplateSpec{}
			err = json.Unmarshal(o.Value, &object.Spec.Template)
			return !equality.Semantic.DeepEqual(before, object.Spec.Template), err
		}
	case *appsv1.ReplicaSet:
		switch before := *object.Spec.DeepCopy(); o.Path {
		case "/spec/replicas":
			err = json.Unmarshal(o.Value, object.Spec.Replicas)
			return *before.Replicas != *object.Spec.Replicas, err
		case "/spec/minReadySeconds":
			err = json.Unmarshal(o.Value, &object.Spec.MinReadySeconds)
			return before.MinReadySeconds != object.Spec.MinReadySeconds, err
		}
	}
	return false, fmt.Errorf("the model doesn't know %s of %T", o.Path, object)
}

// setStatus sets all of the status, or a field of it.
func (o operation) setStatus(object Object, steps []string) error {
	text := []byte(o.Value)
	switch object := object.(type) {
	case *appsv1.Deployment:
		if len(steps) == 0 {
			object.Status = appsv1.DeploymentStatus{}
			return json.Unmarshal(text, &object.Status)
		}
	case *appsv1.ReplicaSet:
		if len(steps) == 1 {
			if steps[0] == "conditions" {
				object.Status.Conditions = nil
			}
			return json.Unmarshal(fmt.Appendf(nil, "{%q: %s}", steps[0], text), &object.Status)
		}
	}
	return fmt.Errorf("the model doesn't know %s of %T", o.Path, object)
}

// ownersPatch is what the strategic merge patches of package ownership look like.
type ownersPatch struct {
	Metadata struct {
		UID             types.UID `json:"uid"`
		OwnerReferences []struct {
			metav1.OwnerReference
			Directive string `json:"$patch"`
		} `json:"ownerReferences"`
	} `json:"metadata"`
}

// patchOwners adds owners or takes them away. The UID can't be changed, nor can there be two that are controllers.
func patchOwners(kind string, object Object, text []byte) error {
	var p ownersPatch
	if err := json.Unmarshal(text, &p); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	invalid := apierrors.NewInvalid(schema.GroupKind{Kind: kind}, object.GetName(), nil)
	if p.Metadata.UID != object.GetUID() {
		return invalid
	}
	owners := object.GetOwnerReferences()
	for _, one := range p.Metadata.OwnerReferences {
		owners = slices.DeleteFunc(owners, func(r metav1.OwnerReference) bool { return r.UID == one.UID })
		if one.Directive != "delete" {
			owners = slices.Insert(owners, 0, one.OwnerReference)
		}
	}
	controllers := 0
	for _, r := range owners {
		if r.Controller != nil && *r.Controller {
			controllers++
		}
	}
	if controllers > 1 {
		return invalid
	}
	object.SetOwnerReferences(owners)
	return nil
}
