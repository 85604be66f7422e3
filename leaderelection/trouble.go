package leaderelection

import (
	"errors"
	"fmt"
	"net/http"
	"sync"

	"go.uber.org/zap"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// deed is what an elector does with its lease.
type deed string

const (
	reading  deed = "read"
	watching deed = "watched"
	writing  deed = "written"
)

var deeds = [...]deed{reading, watching, writing}

// troubles are what the API server refuses: a permission is missing, or something is in the way that waiting won't help.
type troubles struct {
	mu      sync.Mutex
	refused map[deed]error // guarded by mu: of the last request of its kind
}

// take takes in how a request ended, and reports whether it was refused now and not before, or the other way round.
func (t *troubles) take(d deed, err error) (changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refused == nil {
		t.refused = map[deed]error{}
	}
	before := t.refused[d] != nil
	if isRefusal(err) {
		t.refused[d] = err
	} else {
		delete(t.refused, d)
	}
	return before != isRefusal(err)
}

// first returns the first thing that is refused, nil if nothing is.
func (t *troubles) first() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range deeds {
		if err := t.refused[d]; err != nil {
			return fmt.Errorf("can't be %s: %w", d, err)
		}
	}
	return nil
}

// isRefusal reports whether the API server has answered that it won't do it. That somebody else was faster, that the lease is not there,
// and that the server is busy, are no refusals.
func isRefusal(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	switch code := status.Status().Code; code {
	case http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests, http.StatusGone:
		return false
	default:
		return code >= http.StatusBadRequest && code < http.StatusInternalServerError
	}
}

// note takes in how a request ended.
func (e *Elector) note(d deed, err error) {
	if !e.trouble.take(d, err) {
		return
	}
	log := e.config.Log.With(zap.String("lease", e.config.lease()))
	if isRefusal(err) {
		log.Warn("the API server refuses the lease to be "+string(d), zap.Error(err))
		return
	}
	log.Info("the API server no longer refuses the lease to be " + string(d))
}

// Check returns what keeps this replica from following the lease, or from taking it when it is free: an error that names the lease, nil if
// nothing does.
func (e *Elector) Check() error {
	if err := e.trouble.first(); err != nil {
		return fmt.Errorf("lease %s %w", e.config.lease(), err)
	}
	if !e.view.isKnown() {
		return fmt.Errorf("lease %s has not been read yet", e.config.lease())
	}
	return nil
}
