package ownership

import (
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// metadataPatch is a strategic merge patch. The UID in it is a precondition: the API server refuses the patch for another
// object of the same name.
type metadataPatch struct {
	Metadata struct {
		UID             types.UID `json:"uid"`
		OwnerReferences []any     `json:"ownerReferences"`
	} `json:"metadata"`
}

// removal is the entry of a strategic merge patch that takes the reference with this UID out of the list.
type removal struct {
	Patch string    `json:"$patch"`
	UID   types.UID `json:"uid"`
}

// AdoptPatch returns the strategic merge patch that makes ref the controllerRef of the object with this UID.
func AdoptPatch(ref metav1.OwnerReference, object types.UID) ([]byte, error) {
	return patch(object, ref)
}

// ReleasePatch returns the strategic merge patch that takes the owner's reference from the object with this UID.
func ReleasePatch(owner, object types.UID) ([]byte, error) {
	return patch(object, removal{Patch: "delete", UID: owner})
}

func patch(object types.UID, reference any) ([]byte, error) {
	var p metadataPatch
	p.Metadata.UID = object
	p.Metadata.OwnerReferences = []any{reference}
	return json.Marshal(p)
}
