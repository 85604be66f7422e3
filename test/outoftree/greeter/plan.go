package greeter

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

const (
	// Label asks for a greeting. Its value is who is greeted.
	Label = "example.com/greet"
	// Annotation holds the greeting.
	Annotation = "example.com/greeting"
)

// action is what to do on a ConfigMap, and the event that tells of it. Its zero value is nothing.
type action struct {
	patch           []byte // a JSON merge patch
	reason, message string
}

// concerns reports whether the ConfigMap has a greeting, or should have.
func concerns(cm *corev1.ConfigMap) bool {
	_, labelled := cm.Labels[Label]
	_, greeted := cm.Annotations[Annotation]
	return labelled || greeted
}

// plan says how the ConfigMap comes to have the greeting that it should. When it has, there is nothing to do: so the event
// that the controller's own write brings leads to no other.
func plan(cm *corev1.ConfigMap, greeting string) action {
	who, labelled := cm.Labels[Label]
	text := fmt.Sprintf("%s, %s!", greeting, who)
	switch now, greeted := cm.Annotations[Annotation]; {
	case labelled && now != text:
		return action{patch: annotate(cm, text), reason: "Greeted", message: text}
	case !labelled && greeted:
		return action{patch: annotate(cm, nil), reason: "Ungreeted", message: "Took the greeting away."}
	}
	return action{}
}

// annotate returns a patch that sets the annotation, or removes it if value is nil. It is for this very ConfigMap: another
// one, which has taken its name in the meantime, has another UID, and the API server refuses the patch.
func annotate(cm *corev1.ConfigMap, value any) []byte {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid":         cm.UID,
		"annotations": map[string]any{Annotation: value},
	}})
	if err != nil {
		panic(err) // maps of strings can be encoded
	}
	return patch
}
