package podsync

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

const (
	namespaceFlag  = "podsync-namespace"
	selectorFlag   = "podsync-selector"
	concurrentFlag = "concurrent-pod-syncs"
)

// Options say which pods are observed, and by how many workers.
type Options struct {
	// Namespace is that of the pods to observe. Default: empty, which stands for all namespaces.
	Namespace string
	// Selector is a label selector for the pods to observe. Default: empty, which selects all pods.
	Selector string
	// ConcurrentSyncs is how many pods are observed at once, at least 1. Default: 5. A sync takes microseconds and calls no
	// API, so more of them only help a machine with more cores.
	ConcurrentSyncs int
}

// DefaultOptions returns the options of a command line without flags.
func DefaultOptions() Options {
	return Options{ConcurrentSyncs: 5}
}

// AddFlags adds the flags that set the options.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Namespace, namespaceFlag, o.Namespace, "Namespace of the pods that podsync observes. Empty stands for all namespaces.")
	flags.StringVar(&o.Selector, selectorFlag, o.Selector, "Label selector for the pods that podsync observes. Empty selects all pods.")
	flags.IntVar(&o.ConcurrentSyncs, concurrentFlag, o.ConcurrentSyncs, "How many pods podsync observes at once.")
}

// Validate returns a *controllers.FlagError for the first option that can't be used.
func (o Options) Validate() error {
	_, err := o.selection()
	return err
}

func (o Options) selection() (selection, error) {
	if err := controllers.CheckAtLeast(concurrentFlag, o.ConcurrentSyncs, 1); err != nil {
		return selection{}, err
	}
	if reasons := validation.IsDNS1123Label(o.Namespace); o.Namespace != "" && len(reasons) > 0 {
		return selection{}, &controllers.FlagError{
			Flag:   namespaceFlag,
			Reason: fmt.Sprintf("%q is not the name of a namespace: %s", o.Namespace, strings.Join(reasons, "; ")),
		}
	}
	selector, err := labels.Parse(o.Selector)
	if err != nil {
		return selection{}, &controllers.FlagError{
			Flag:   selectorFlag,
			Reason: fmt.Sprintf("%q is not a label selector: %v", o.Selector, err),
		}
	}
	return selection{namespace: o.Namespace, labels: selector}, nil
}
