package replicaset

import (
	"hash/fnv"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// maxPrefix is how much of the ReplicaSet's name, with the dash, goes into the names of its pods: what the API server
	// takes when it generates a name, so that a host name of at most 63 characters results.
	maxPrefix = 58
	// suffixLen and suffixLetters are those of names that the API server generates: without vowels, they spell nothing.
	suffixLen     = 5
	suffixLetters = "bcdfghjklmnpqrstvwxz2456789"
)

// podName returns the name of the pod with this ordinal in a term. Names look as if the API server had generated them, differ
// within a term until 14 million have been used, and are unlike those of other terms, whose nonce is another.
func podName(rs *appsv1.ReplicaSet, nonce, ordinal uint64) string {
	prefix := rs.Name + "-"
	return prefix[:min(len(prefix), maxPrefix)] + suffix(string(rs.UID), nonce, ordinal)
}

func suffix(uid string, nonce, ordinal uint64) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(uid)) // never fails
	value := (mix(hash.Sum64()^nonce)%suffixes + ordinal%suffixes*suffixStep) % suffixes
	text := make([]byte, suffixLen)
	for i := range text {
		text[i] = suffixLetters[value%uint64(len(suffixLetters))]
		value /= uint64(len(suffixLetters))
	}
	return string(text)
}

const (
	// suffixes is how many there are: 27 letters, five times.
	suffixes = 27 * 27 * 27 * 27 * 27
	// suffixStep has no factor in common with suffixes, so that ordinals run through all of them.
	suffixStep = 8_675_309
)

// mix spreads the bits of a number over all of it.
func mix(n uint64) uint64 {
	n ^= n >> 31
	n *= 0xBF58476D1CE4E5B9
	return n ^ n>>29
}

// podOf returns the pod of that name that the template describes.
func podOf(rs *appsv1.ReplicaSet, name string) *corev1.Pod {
	template := &rs.Spec.Template
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       rs.Namespace,
			Name:            name,
			GenerateName:    name[:len(name)-suffixLen],
			Labels:          maps.Clone(template.Labels),
			Annotations:     maps.Clone(template.Annotations),
			Finalizers:      slices.Clone(template.Finalizers),
			OwnerReferences: []metav1.OwnerReference{controllerRef(rs)},
		},
		Spec: *template.Spec.DeepCopy(),
	}
}
