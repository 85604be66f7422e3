// Package ownership decides which objects belong to an owner, and makes the patches that adopt and release them.
//
// An object belongs to the owner whose UID its controllerRef bears, as long as its labels match the owner's selector. An
// object without a controllerRef that matches may be adopted; one that doesn't match any more is released.
package ownership

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// Claim is what an owner should do about an object.
type Claim int

const (
	// Foreign objects are none of the owner's business.
	Foreign Claim = iota
	// Own objects belong to the owner.
	Own
	// Adopt an object without owner that matches.
	Adopt
	// Release an object of the owner that doesn't match any more.
	Release
)

// Decide returns what the owner should do about the object. An owner that is being deleted neither adopts nor releases, and
// an object that is being deleted is not adopted.
func Decide(owner metav1.Object, selector labels.Selector, object metav1.Object) Claim {
	matches := selector.Matches(labels.Set(object.GetLabels()))
	deleted := owner.GetDeletionTimestamp() != nil
	ref := metav1.GetControllerOfNoCopy(object)
	switch {
	case ref != nil && ref.UID != owner.GetUID():
		return Foreign
	case ref != nil && matches:
		return Own
	case deleted || owner.GetNamespace() != object.GetNamespace():
		return Foreign
	case ref != nil:
		return Release
	case matches && object.GetDeletionTimestamp() == nil:
		return Adopt
	}
	return Foreign
}

// Selector returns the selector of a spec. An empty one selects nothing: the API forbids it, and adopting everything would be
// the worst way to read it.
func Selector(spec *metav1.LabelSelector) (labels.Selector, error) {
	if spec != nil && len(spec.MatchLabels) > 0 && len(spec.MatchExpressions) == 0 {
		return labels.SelectorFromValidatedSet(spec.MatchLabels), nil // the API server has validated it: to do so again would be most of the cost
	}
	selector, err := metav1.LabelSelectorAsSelector(spec)
	if err != nil {
		return nil, err
	}
	if selector.Empty() {
		return labels.Nothing(), nil
	}
	return selector, nil
}

// ControllerUID returns the UID in the object's controllerRef, or "".
func ControllerUID(object metav1.Object) types.UID {
	if ref := metav1.GetControllerOfNoCopy(object); ref != nil {
		return ref.UID
	}
	return ""
}
