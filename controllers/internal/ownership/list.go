package ownership

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// maxSelector bounds the selectors that are sent. They go into the URL: proxies refuse one of more than 8 KiB as a rule, and the
// API server one of a megabyte, while the selector of an owner may be longer.
const maxSelector = 4 << 10

// ListOptions returns what lists the objects that match the selector, and others if the selector is too long to be sent: whoever
// lists must sort them anyway.
func ListOptions(selector labels.Selector) metav1.ListOptions {
	text := selector.String()
	if len(text) > maxSelector {
		return metav1.ListOptions{}
	}
	return metav1.ListOptions{LabelSelector: text}
}
