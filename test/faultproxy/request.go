package faultproxy

import (
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"time"
)

// Request is what a client asked for and what became of it. Group to Name are empty for a path that names no resource.
type Request struct {
	Method, Path string
	User         string
	UserAgent    string
	Verb         string // as in RBAC rules: "list", "watch", "deletecollection"; the method in lower case without a resource
	Group        string
	Resource     string
	Subresource  string
	Namespace    string
	Name         string

	Begin, End time.Time // End is zero while it goes on
	// Code is the status that the client was told, 0 if none. Upstream is what the API server answered, 0 if it was not asked or
	// has not answered: a create with Upstream 201 was carried out, whatever the client knows of it.
	Code, Upstream int
}

// IsWrite reports whether the request changes something.
func (r Request) IsWrite() bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

func requestOf(r *http.Request) Request {
	about := Request{Method: r.Method, Path: r.URL.Path, UserAgent: r.UserAgent(), Verb: strings.ToLower(r.Method), Begin: time.Now()}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		about.User = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	about.parsePath()
	if about.Resource != "" {
		watch := r.URL.Query().Get("watch")
		about.Verb = verb(r.Method, about.Name != "", watch == "true" || watch == "1")
	}
	return about
}

// parsePath reads /api/v1/… and /apis/GROUP/VERSION/….
func (r *Request) parsePath() {
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		r.Group, parts = parts[1], parts[3:]
	default:
		return
	}
	if len(parts) > 2 && parts[0] == "namespaces" && !slices.Contains([]string{"status", "finalize"}, parts[2]) {
		r.Namespace, parts = parts[1], parts[2:]
	}
	for i, field := range []*string{&r.Resource, &r.Name, &r.Subresource}[:min(3, len(parts))] {
		*field = parts[i]
	}
}

func verb(method string, named, watch bool) string {
	switch {
	case method == http.MethodGet && watch:
		return "watch"
	case method == http.MethodGet && !named:
		return "list"
	case method == http.MethodPost:
		return "create"
	case method == http.MethodPut:
		return "update"
	case method == http.MethodDelete && !named:
		return "deletecollection"
	}
	return strings.ToLower(method)
}

// identify tells the API server who the client is.
func identify(r *httputil.ProxyRequest) {
	for header := range r.Out.Header {
		if strings.HasPrefix(header, "X-Remote-") {
			r.Out.Header.Del(header)
		}
	}
	if r.In.TLS == nil || len(r.In.TLS.PeerCertificates) == 0 {
		return
	}
	subject := r.In.TLS.PeerCertificates[0].Subject
	r.Out.Header.Set("X-Remote-User", subject.CommonName)
	r.Out.Header["X-Remote-Group"] = slices.Clone(subject.Organization)
}
