package serving

import (
	"context"
	"net/http"

	"k8s.io/apiserver/pkg/authentication/user"
)

// visitor is who sent a request that a guard let through.
type visitor struct {
	guard *guard
	asker user.Info // nil where the path is open to all: who it is has not been asked
}

type visitorKey struct{}

// let passes the request on, with who sent it.
func (g *guard) let(w http.ResponseWriter, r *http.Request, asker user.Info) {
	g.next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitorKey{}, visitor{g, asker})))
}

// Asker returns the name of the user who sent the request that ctx is of, "" where nobody was asked.
func Asker(ctx context.Context) string {
	if v, ok := ctx.Value(visitorKey{}).(visitor); ok && v.asker != nil {
		return v.asker.GetName()
	}
	return ""
}

// MayGet reports whether whoever sent the request may get what is at a path as well. Behind a path that is open to all, this is where it
// is asked who it is; whoever brings neither token nor certificate costs the API server no question.
func MayGet(r *http.Request, path string) bool {
	v, ok := r.Context().Value(visitorKey{}).(visitor)
	if !ok {
		return false
	}
	if v.asker == nil {
		response, known, _ := v.guard.who.AuthenticateRequest(r) // an error is one of those that make nobody known
		if !known {
			return false
		}
		v.asker = response.User
	}
	allowed, err := v.guard.may.allowed(r.Context(), v.asker, "get", path)
	return err == nil && allowed
}
