package manager

import (
	"net/http"
	"strings"
)

// other stands for a label's value that is left out to keep their number bounded.
const other = "other"

// writeOf returns the verb, in the words of RBAC, and the resource of a request that writes: "create", "pods", or "patch",
// "deployments.apps/status". Names of objects are in neither. Base is the path at which the API server is.
func writeOf(method, path, base string) (verb, resource string, isWrite bool) {
	switch method {
	case http.MethodPost:
		verb = "create"
	case http.MethodPut:
		verb = "update"
	case http.MethodPatch:
		verb = "patch"
	case http.MethodDelete:
		verb = "delete"
	default:
		return "", "", false
	}
	resource, named := resourceAt(strings.TrimPrefix(path, strings.TrimSuffix(base, "/")))
	if verb == "delete" && !named {
		verb = "deletecollection"
	}
	return verb, resource, true
}

// resourceAt returns the resource that is at a path of the API, and whether the path names an object
// (https://kubernetes.io/docs/reference/using-api/api-concepts/).
func resourceAt(path string) (resource string, named bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	group := ""
	switch {
	case parts[0] == "api" && len(parts) > 2:
		parts = parts[2:]
	case parts[0] == "apis" && len(parts) > 3:
		group, parts = "."+parts[1], parts[3:]
	default:
		return other, false
	}
	if parts[0] == "namespaces" && len(parts) > 2 && !isOfNamespace(parts[2]) {
		parts = parts[2:]
	}
	resource = parts[0] + group
	if len(parts) > 2 {
		resource += "/" + parts[2]
	}
	return resource, len(parts) > 1
}

// isOfNamespace reports whether what follows a namespace is a part of the namespace itself, not a resource in it.
func isOfNamespace(part string) bool {
	return part == "status" || part == "finalize"
}
