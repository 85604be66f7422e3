package manager

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// An API server sends an object in an envelope, a message of its own after four bytes that say so:
// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding.
const (
	envelopeStart = "k8s\x00"
	// envelopeKind and envelopeObject are the numbers of the message's fields.
	envelopeKind   protowire.Number = 1
	envelopeObject protowire.Number = 2
	// kindVersion and kindName are those of the fields of its kind.
	kindVersion protowire.Number = 1
	kindName    protowire.Number = 2
)

// podKind is what the kind of an object says if it is a pod. Its group, core, has no name.
func podKind() schema.GroupVersionKind {
	return corev1.SchemeGroupVersion.WithKind("Pod")
}

// encodedPod returns the pod that is in the envelope, and reports whether there is one.
func encodedPod(envelope []byte) ([]byte, bool) {
	message, ok := bytes.CutPrefix(envelope, []byte(envelopeStart))
	if !ok {
		return nil, false
	}
	kind, message, ok := leadingField(message, envelopeKind)
	if !ok || !isPod(kind) {
		return nil, false
	}
	pod, _, ok := leadingField(message, envelopeObject)
	return pod, ok
}

// isPod reports whether the kind of an envelope is that of pods.
func isPod(kind []byte) bool {
	version, kind, ok := leadingField(kind, kindVersion)
	if !ok || string(version) != podKind().Version {
		return false
	}
	name, _, ok := leadingField(kind, kindName)
	return ok && string(name) == podKind().Kind
}

// leadingField returns the bytes of the field of that number and what follows it, if the message begins with it.
func leadingField(message []byte, want protowire.Number) (value, rest []byte, ok bool) {
	number, kind, tag := protowire.ConsumeTag(message)
	if tag < 0 || number != want || kind != protowire.BytesType {
		return nil, nil, false
	}
	value, size := protowire.ConsumeBytes(message[tag:])
	if size < 0 {
		return nil, nil, false
	}
	return value, message[tag+size:], true
}
