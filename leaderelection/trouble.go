package leaderelection

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// deed is what an elector does with its lease.
type deed string

const (
	reading  deed = "read"
	watching deed = "watched"
	creating deed = "created"
	writing  deed = "written"
)

var deeds = [...]deed{reading, watching, creating, writing}

// troubles are what the API server refuses: a permission is missing, or something is in the way that waiting won't help.
type troubles struct {
	mu      sync.Mutex
	refused map[deed]trouble // guarded by mu: of the last request of its kind that had an answer
}

type trouble struct {
	err error
	at  time.Time
}

// take takes in how a request ended, and reports whether it was refused now and not before, or the other way round. Without an answer
// nothing is known.
func (t *troubles) take(d deed, err error) (changed bool) {
	if err != nil && apierrors.ReasonForError(err) == "" && !isRefusal(d, err) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, before := t.refused[d]
	if !isRefusal(d, err) {
		delete(t.refused, d)
		return before
	}
	if t.refused == nil {
		t.refused = map[deed]trouble{}
	}
	t.refused[d] = trouble{err, time.Now()}
	return !before
}

// first returns the first thing that has been refused lately, nil if nothing was. A standby may write once in a lifetime of its leader:
// what it was refused then says nothing of now.
func (t *troubles) first(lately time.Duration) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range deeds {
		if one, ok := t.refused[d]; ok && time.Since(one.at) <= lately {
			return fmt.Errorf("can't be %s: %w", d, one.err)
		}
	}
	return nil
}

// isRefusal reports whether the API server has answered that it won't do it. That somebody else was faster, that the lease is not there,
// and that the server is busy, are no refusals; that there is no namespace for a new lease is one.
func isRefusal(d deed, err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	switch code := status.Status().Code; code {
	case http.StatusNotFound:
		return d == creating
	case http.StatusConflict, http.StatusTooManyRequests, http.StatusGone:
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
	if isRefusal(d, err) {
		log.Warn("the API server refuses the lease to be "+string(d), zap.Error(err))
		return
	}
	log.Info("the API server no longer refuses the lease to be " + string(d))
}

// Check returns what keeps this replica from following the lease, or has lately kept it from taking or renewing it: an error that names
// the lease, nil if nothing does.
func (e *Elector) Check() error {
	if err := e.trouble.first(e.config.LeaseDuration); err != nil {
		return fmt.Errorf("lease %s %w", e.config.lease(), err)
	}
	if !e.view.isKnown() {
		return fmt.Errorf("lease %s has not been read yet", e.config.lease())
	}
	return nil
}
