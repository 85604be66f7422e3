package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/metrics"
)

// statusPath is where the process tells what it is doing. Who may see it may also know why a check of health fails.
const statusPath = "/statusz"

// handleHealth answers how the process is, and what it measures. Why something is wrong is said to whom tell reports true for.
func (p *process) handleHealth(mux *http.ServeMux, tell func(*http.Request) bool) {
	ready := append([]manager.Check{manager.Ping(), {Name: "api-server", Run: p.api.Check}}, p.manager.ReadyChecks()...)
	mux.Handle("/metrics", metrics.Handler(p.registry, p.log.Named("metrics")))
	for path, checks := range map[string][]manager.Check{
		"/livez":   append([]manager.Check{manager.Ping()}, p.manager.LiveChecks()...),
		"/healthz": append([]manager.Check{manager.Ping()}, p.manager.WorkChecks()...),
		"/readyz":  ready,
	} {
		handler := manager.HealthHandler(path, checks, tell)
		mux.Handle(path, handler)
		mux.Handle(path+"/", handler)
	}
}

// handlePages answers how the process was started and what it is doing, in the way of Kubernetes' z-pages
// (https://kubernetes.io/docs/reference/instrumentation/zpages/).
func (p *process) handlePages(mux *http.ServeMux, started time.Time) {
	mux.HandleFunc("GET "+statusPath, textPage("statusz", func(w io.Writer) { p.writeStatus(w, time.Since(started)) }))
	mux.HandleFunc("GET /flagz", textPage("flagz", func(w io.Writer) { writeFlags(w, p.flags) }))
	mux.HandleFunc("GET /configz", p.serveConfig)
}

// handleProfiles answers what the process spends its time and memory on.
func handleProfiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}

// textPage is a page for people, which may change from version to version.
func textPage(name string, write func(io.Writer)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		setHeader(w, "text/plain; charset=utf-8")
		fmt.Fprintf(w, "\n%s %s\nWarning: this page is for people. Its format may change with every version.\n\n", programName, name)
		write(w)
	}
}

func setHeader(w http.ResponseWriter, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
}

func (p *process) writeStatus(w io.Writer, up time.Duration) {
	fmt.Fprintf(w, "Started: %s\nUp: %s\nGo version: %s\nBinary version: %s\n",
		time.Now().Add(-up).UTC().Format(time.RFC3339), up.Round(time.Second), runtime.Version(), buildVersion())
	fmt.Fprintf(w, "Paths: /configz /debug/log-level /flagz /healthz /livez /metrics /readyz /statusz\n\nControllers:\n")
	for _, s := range p.manager.Statuses() {
		fmt.Fprintf(w, "  %s: %s for %s %s\n", s.Controller, s.State, time.Since(s.Since).Round(time.Second), s.Trouble())
	}
}

func writeFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) { fmt.Fprintf(w, "%s=%s\n", f.Name, f.Value) })
}

// effective is what the process works with, after defaults and selection.
type effective struct {
	Version      string         `json:"version"`
	Controllers  []string       `json:"controllers"`
	ResyncPeriod string         `json:"resyncPeriod"`
	Flags        map[string]any `json:"flags"`
}

func (p *process) serveConfig(w http.ResponseWriter, _ *http.Request) {
	config := effective{Version: buildVersion(), Controllers: []string{}, ResyncPeriod: p.resync.String(), Flags: map[string]any{}}
	for _, s := range p.manager.Statuses() {
		config.Controllers = append(config.Controllers, s.Controller)
	}
	p.flags.VisitAll(func(f *pflag.Flag) { config.Flags[f.Name] = valueOf(f) })
	setHeader(w, "application/json")
	if err := json.NewEncoder(w).Encode(map[string]effective{programName: config}); err != nil {
		p.log.Debug("can't write /configz", zap.Error(err))
	}
}

// valueOf returns what the flag is set to, as JSON has it: a number, a boolean, a list, or a string.
func valueOf(f *pflag.Flag) any {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return append([]string{}, list.GetSlice()...) // never null
	}
	text := f.Value.String()
	switch f.Value.Type() {
	case "bool":
		return text == "true"
	case "int", "int32", "int64", "float32", "float64":
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return json.Number(text)
		}
	}
	return text
}
