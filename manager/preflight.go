package manager

import (
	"context"
	"errors"
	"sync"

	"go.uber.org/zap"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// preflight finds out whether leases may be read and written, before there is one to take: a standby would notice when it is needed.
type preflight struct {
	permissions *permissions
	questions   []authorizationv1.ResourceAttributes
	log         *zap.Logger

	mu      sync.Mutex
	missing string // guarded by mu: "" if nothing is
}

// newPreflight returns one that has not asked yet.
func newPreflight(p *permissions, namespace string, rules []rbacv1.PolicyRule, log *zap.Logger) *preflight {
	questions := expandIn(namespace, rules)
	f := &preflight{permissions: p, questions: questions, log: log}
	if len(questions) > 0 {
		f.missing = "permissions have not been asked for yet"
	}
	return f
}

// run asks until all is allowed.
func (f *preflight) run(ctx context.Context) {
	granted := f.permissions.await(ctx, f.questions, func(missing string) {
		if f.set(missing) && ctx.Err() == nil {
			f.log.Warn("this replica could not lead", zap.String("reason", missing))
		}
	})
	if granted {
		f.set("")
	}
}

// set reports whether what is missing has changed.
func (f *preflight) set(missing string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	changed := f.missing != missing
	f.missing = missing
	return changed
}

func (f *preflight) check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.missing != "" {
		return errors.New(f.missing)
	}
	return nil
}

// checkLeases returns what would keep this replica from leading, nil if nothing would.
func (m *Manager) checkLeases() error {
	if err := m.preflight.check(); err != nil {
		return err
	}
	for _, l := range m.leads {
		if c, ok := l.elector.(checker); ok {
			if err := c.Check(); err != nil {
				return err
			}
		}
	}
	return nil
}
