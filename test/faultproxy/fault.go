package faultproxy

import (
	"encoding/json"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Fault handles a request in place of the API server, or around it.
type Fault func(apiServer http.Handler) http.Handler

// Delay passes the request on after a while, unless the client has given up by then.
func Delay(d time.Duration) Fault {
	return func(apiServer http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(d):
				apiServer.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
	}
}

// Status answers with the code and a Status object that fits it. "429" comes with the wish to be asked again in a second.
func Status(code int, message string) Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) { fail(w, r, code, message) })
}

// Reset resets the connection that the request came by, and with it all else that goes over it.
func Reset() Fault {
	return instead(func(_ http.ResponseWriter, r *http.Request) {
		reset(r)
		panic(http.ErrAbortHandler) // the server would wonder why nothing was written
	})
}

// Abort ends the request without an answer. The connection stays, if it is of HTTP/2.
func Abort() Fault {
	return instead(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// BlackHole never answers. A watch that meets it gets no header either, for as long as its client waits: a frozen one has got that.
func BlackHole() Fault {
	return instead(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

// AfterCommit lets the API server carry the request out. The client doesn't get its answer; what it gets is another fault's.
func AfterCommit(then Fault) Fault {
	return func(apiServer http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			apiServer.ServeHTTP(nowhere{http.Header{}}, r)
			then(apiServer).ServeHTTP(w, r)
		})
	}
}

// Do calls a function before the request is passed on. The function may wait.
func Do(f func()) Fault {
	return func(apiServer http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f()
			apiServer.ServeHTTP(w, r)
		})
	}
}

func instead(f http.HandlerFunc) Fault {
	return func(http.Handler) http.Handler { return f }
}

// fail answers as the API server does when it fails.
func fail(w http.ResponseWriter, r *http.Request, code int, message string) {
	about := requestOf(r)
	const retryAfter = 1
	resource := schema.GroupResource{Group: about.Group, Resource: about.Resource}
	status := apierrors.NewGenericServerResponse(code, about.Verb, resource, about.Name, message, retryAfter, false).Status()
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	status.Message = message
	body, err := json.Marshal(status)
	if err != nil {
		panic(err) // strings and numbers
	}
	w.Header().Set("Content-Type", "application/json")
	if code == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(code)
	_, _ = w.Write(body) // the client may be gone
}
