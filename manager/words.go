package manager

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// words are strings that many pods bear, whoever owns them: nodes, namespaces, phases, what conditions say. A decoder makes each of them
// anew for each pod.
type words map[string]string

// The words take 4 MiB at most: when there are more, they are collected anew.
const (
	maxWords = 16_384
	maxWord  = 256 // bytes
)

// shareIn makes the pod, which nobody else may have yet, use the words.
func (w *words) shareIn(pod *corev1.Pod) {
	shareWord(w, &pod.Namespace)
	shareWord(w, &pod.GenerateName)
	shareWord(w, &pod.Spec.NodeName)
	shareWord(w, &pod.Status.Phase)
	pod.Status.Conditions = slices.Clone(pod.Status.Conditions) // which a whole pod shares with the one that it was made from
	for i := range pod.Status.Conditions {
		c := &pod.Status.Conditions[i]
		shareWord(w, &c.Type)
		shareWord(w, &c.Status)
		shareWord(w, &c.Reason)
	}
}

func shareWord[T ~string](w *words, word *T) {
	text := string(*word)
	if text == "" || len(text) > maxWord {
		return
	}
	known, ok := (*w)[text]
	if !ok {
		if *w == nil || len(*w) == maxWords {
			*w = words{}
		}
		(*w)[text], known = text, text
	}
	*word = T(known)
}
