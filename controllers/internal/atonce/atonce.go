// Package atonce asks several things of the API server at the same time.
package atonce

import (
	"errors"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Do makes the calls at once, waits for all, and returns their errors. A panic in one of them is nobody's to survive: they are to do
// nothing but call.
func Do(calls ...func() error) error {
	errs := make([]error, len(calls))
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() { errs[i] = call() })
	}
	all.Wait()
	return errors.Join(errs...)
}

// Version stores the resourceVersion of a list, unless asking for the list ended in the error, which it returns.
func Version(into *string, list metav1.ListInterface, err error) error {
	if err == nil {
		*into = list.GetResourceVersion()
	}
	return err
}
