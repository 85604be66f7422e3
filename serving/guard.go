package serving

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
)

// errUnanswered is the error of a question to the API server that got no answer.
var errUnanswered = errors.New("the API server did not answer")

// guard lets through who may ask.
type guard struct {
	open   []string // patterns of paths
	who    authenticator.Request
	may    *access
	places chan struct{} // one for each guarded request that is being answered; nobody has one before it is known to be allowed
	log    *zap.Logger
	next   http.Handler
}

// maxInFlight bounds the guarded requests that are answered at once. Scrapers are a few; what is beyond them is a flood. Those who wait to
// be known are bounded by their shares.
const maxInFlight = 100

// complaintInterval is how often the log repeats that the API server can't be asked: whoever asks us can make it happen at will.
const complaintInterval = time.Minute

func newGuard(open []string, who authenticator.Request, may *access, log *zap.Logger, next http.Handler) *guard {
	return &guard{open: open, who: who, may: may, places: make(chan struct{}, maxInFlight), log: log, next: next}
}

// seldom returns a log that writes each message once in complaintInterval.
func seldom(log *zap.Logger) *zap.Logger {
	return log.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(core, complaintInterval, 1, 0)
	}))
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !isClean(r.URL.Path): // what is behind could take it for another path than we do
		http.NotFound(w, r)
	case g.isOpen(r.URL.Path):
		g.let(w, r, nil)
	default:
		g.serveGuarded(w, r)
	}
}

func (g *guard) isOpen(path string) bool {
	for _, pattern := range g.open {
		beginning, some := strings.CutSuffix(pattern, "*")
		if path == pattern || some && strings.HasPrefix(path, beginning) {
			return true
		}
	}
	return false
}

func (g *guard) serveGuarded(w http.ResponseWriter, r *http.Request) {
	asker := g.authenticate(w, r)
	if asker == nil || !g.authorize(w, r, asker) {
		return
	}
	select {
	case g.places <- struct{}{}:
		defer func() { <-g.places }()
		g.let(w, r, asker)
	default:
		tooMany(w)
	}
}

func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "too many requests", http.StatusTooManyRequests)
}

// authenticate returns who asks, or nil when it has refused.
func (g *guard) authenticate(w http.ResponseWriter, r *http.Request) user.Info {
	response, ok, err := g.who.AuthenticateRequest(r)
	switch {
	case ok: // errors are of other ways to tell who it is
		return response.User
	case errors.Is(err, errCrowded):
		tooMany(w)
	case errors.Is(err, errUnanswered):
		g.unanswered(w, "can't ask the API server who somebody is", err)
	default:
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	}
	return nil
}

// authorize reports whether the asker may, and refuses if not.
func (g *guard) authorize(w http.ResponseWriter, r *http.Request, asker user.Info) bool {
	verb := strings.ToLower(r.Method)
	allowed, err := g.may.allowed(r.Context(), asker, verb, r.URL.Path)
	switch {
	case errors.Is(err, errCrowded):
		tooMany(w)
	case err != nil:
		g.unanswered(w, "can't ask the API server what somebody may", err)
	case !allowed:
		http.Error(w, fmt.Sprintf("Forbidden: user %q cannot %s path %q", asker.GetName(), verb, r.URL.Path), http.StatusForbidden)
	}
	return allowed
}

func (g *guard) unanswered(w http.ResponseWriter, message string, err error) {
	g.log.Warn(message, zap.Error(err))
	http.Error(w, message, http.StatusServiceUnavailable)
}
