package controllers

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Canary says how the host finds out whether somebody else does a controller's work: by an object of the kind that the controller
// drives, which asks for nothing. Whoever drives the kind has to note in its status all the same that it has observed its generation.
type Canary struct {
	// Resource is what the object is one of.
	Resource schema.GroupResource
	// Rests says that Label writes the object's status as well, so that it looks as if it were driven: tools that watch over objects of
	// the kind would complain of one whose generation nobody observes.
	Rests bool
	// Open gives access to the object that env.Canary names. It is called after New, with the same Env, and sends nothing.
	Open func(env Env) CanaryObject
}

// CanaryObject is one canary. Its calls are made within a term, or with the cache alone.
type CanaryObject interface {
	// Cached returns what the controller's cache shows, and whether the object is there.
	Cached() (Sighting, bool)
	// Read returns what the API server has.
	Read(ctx context.Context) (Sighting, error)
	// Create makes the object.
	Create(ctx context.Context) (Sighting, error)
	// Renew makes another generation of it, by a change of the spec that asks for nothing.
	Renew(ctx context.Context) (Sighting, error)
	// Label sets a label. It must not make another generation, nor hide that somebody has observed this one.
	Label(ctx context.Context, key, value string) (Sighting, error)
}

// Sighting is what a canary was seen to be.
type Sighting struct {
	// Generation is that of the spec, Observed the one that its status says somebody else has observed, 0 if nobody has.
	Generation, Observed int64
	Labels               map[string]string
	// Observer is who wrote the status, as far as the object tells. Caches don't keep it.
	Observer string
}

// IsObserved reports whether somebody has observed the spec as it is.
func (s Sighting) IsObserved() bool { return s.Observed >= s.Generation }

// Rules are what the host needs in the namespace of the canary with this name. RBAC can't tie "create" to a name.
func (c Canary) Rules(name string) []rbacv1.PolicyRule {
	groups, resources := []string{c.Resource.Group}, []string{c.Resource.Resource}
	rules := []rbacv1.PolicyRule{
		{APIGroups: groups, Resources: resources, Verbs: []string{"create"}},
		{APIGroups: groups, Resources: resources, Verbs: []string{"get", "patch"}, ResourceNames: []string{name}},
	}
	if c.Rests {
		status := []string{c.Resource.Resource + "/status"}
		rules = append(rules, rbacv1.PolicyRule{APIGroups: groups, Resources: status, Verbs: []string{"patch"}, ResourceNames: []string{name}})
	}
	return rules
}
