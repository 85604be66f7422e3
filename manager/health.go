package manager

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// Check is one thing that health depends on.
type Check struct {
	Name string       // the last part of its path: "/readyz/api-server"
	Run  func() error // returns what is wrong, or nil
}

// HealthHandler answers on path with 200 if all checks pass and with 503 and their list if not; ?verbose lists them always.
// Behind the path and a slash, each check can be asked by its name. This is how Kubernetes' own components answer
// (https://kubernetes.io/docs/reference/using-api/health-checks/). Why a check failed is said to whom tell reports true for; it is called
// only then.
func HealthHandler(path string, checks []Check, tell func(*http.Request) bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		report, healthy := run(checks, func() bool { return tell(r) })
		answer(w, healthy, r.URL.Query().Has("verbose"), report+strings.TrimPrefix(path, "/")+" check")
	})
	for _, c := range checks {
		mux.HandleFunc("GET "+path+"/"+c.Name, func(w http.ResponseWriter, r *http.Request) {
			report, healthy := run([]Check{c}, func() bool { return tell(r) })
			answer(w, healthy, false, report+strings.TrimPrefix(path, "/")+" check")
		})
	}
	return mux
}

// run returns a line for each check, and whether all passed.
func run(checks []Check, tell func() bool) (report string, healthy bool) {
	var lines strings.Builder
	told := sync.OnceValue(tell)
	healthy = true
	for _, c := range checks {
		if err := c.Run(); err != nil {
			healthy = false
			reason := "reason withheld"
			if told() {
				reason = err.Error()
			}
			fmt.Fprintf(&lines, "[-]%s failed: %s\n", c.Name, reason)
			continue
		}
		fmt.Fprintf(&lines, "[+]%s ok\n", c.Name)
	}
	return lines.String(), healthy
}

func answer(w http.ResponseWriter, healthy, verbose bool, report string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case !healthy:
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintf(w, "%s failed\n", report) // whoever asked may have gone: nobody is left to tell
	case verbose:
		_, _ = fmt.Fprintf(w, "%s passed\n", report)
	default:
		_, _ = fmt.Fprint(w, "ok")
	}
}

// Ping is the check that passes whenever the process can answer.
func Ping() Check {
	return Check{Name: "ping", Run: func() error { return nil }}
}

// LiveChecks returns the check that fails when a controller ignores the end of its work for so long that the process can't lead
// again. What can heal by itself, or is the API server's trouble, doesn't count: a restart would help nobody.
func (m *Manager) LiveChecks() []Check {
	return []Check{{Name: "terms", Run: func() error {
		var errs []error
		for _, l := range m.leads {
			errs = append(errs, l.check())
		}
		return errors.Join(errs...)
	}}}
}

// checker is what can tell how it is. A controller's Check returns an error when there is work, and nothing has been finished for longer
// than its own deadline; an elector's when this replica could not lead.
type checker interface {
	Check() error
}

// WorkChecks returns a check for each controller, which fails while it fails, and while it has work that doesn't get on.
func (m *Manager) WorkChecks() []Check {
	var checks []Check
	for _, h := range m.hosted {
		checks = append(checks, Check{Name: h.descriptor.Name, Run: h.checkWork})
	}
	return checks
}

func (h *hosted) checkWork() error {
	if s := h.status.get(); s.State == Backoff {
		return errors.New(s.Reason)
	}
	if c, ok := h.controller.(checker); ok {
		return c.Check()
	}
	return nil
}

// ReadyChecks returns a check for each controller, which fails while it waits for a permission or a cache, and while the API
// server refuses what its caches need. Another one fails while this replica could not take or follow a lease.
func (m *Manager) ReadyChecks() []Check {
	checks := []Check{{Name: "leader-election", Run: m.checkLeases}}
	for _, h := range m.hosted {
		checks = append(checks, Check{Name: h.descriptor.Name, Run: func() error {
			s := h.status.get()
			if s.State == Waiting || s.Stale != "" {
				return errors.New(s.Trouble())
			}
			return nil
		}})
	}
	return checks
}
