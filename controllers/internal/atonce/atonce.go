// Package atonce asks several things of the API server at the same time.
package atonce

import (
	"errors"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Do makes the calls at once, waits for all, and returns their errors. A panic of one of them is its error: in a goroutine of its own
// nobody else could survive it.
func Do(calls ...func() error) error {
	errs := make([]error, len(calls))
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() {
			defer func() {
				if value := recover(); value != nil {
					errs[i] = fmt.Errorf("panic: %v", value)
				}
			}()
			errs[i] = call()
		})
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
