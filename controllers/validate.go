package controllers

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Validate reports, in one error, everything that keeps the descriptors from living in one process: names that are
// malformed or taken, missing docs or constructors, and rules that allow more than they say.
func Validate(all []Descriptor) error {
	var errs []error
	owner := map[string]string{}
	for _, d := range all {
		errs = append(errs, d.validate()...)
		for _, name := range append([]string{d.Name}, d.Aliases...) {
			if other, taken := owner[name]; taken {
				errs = append(errs, fmt.Errorf("controllers %q and %q are both called %q", other, d.Name, name))
			}
			owner[name] = d.Name
		}
	}
	return errors.Join(errs...)
}

func (d Descriptor) validate() []error {
	var errs []error
	for _, name := range append([]string{d.Name}, d.Aliases...) {
		if reasons := validation.IsDNS1123Label(name); len(reasons) > 0 {
			errs = append(errs, fmt.Errorf("controller %q: name %q: %s", d.Name, name, strings.Join(reasons, "; ")))
		}
	}
	if strings.TrimSpace(d.Doc) == "" || strings.Contains(d.Doc, "\n") {
		errs = append(errs, fmt.Errorf("controller %q: Doc must be one line", d.Name))
	}
	if d.New == nil {
		errs = append(errs, fmt.Errorf("controller %q has no New", d.Name))
	}
	if d.Canary != nil && (d.Canary.Resource.Empty() || d.Canary.Open == nil) {
		errs = append(errs, fmt.Errorf("controller %q: Canary must have Resource and Open", d.Name))
	}
	if _, err := d.Pods.Copier(); err != nil {
		errs = append(errs, fmt.Errorf("controller %q: Pods: %w", d.Name, err))
	}
	for _, rule := range d.Rules {
		if err := validateRule(rule); err != nil {
			errs = append(errs, fmt.Errorf("controller %q: rule for %q: %w", d.Name, rule.Resources, err))
		}
	}
	return errs
}

func validateRule(rule rbacv1.PolicyRule) error {
	if len(rule.NonResourceURLs) > 0 {
		return errors.New("rules for paths are not supported, only those for resources")
	}
	if len(rule.Verbs) == 0 || len(rule.Resources) == 0 || len(rule.APIGroups) == 0 {
		return errors.New("verbs, resources and API groups must all be given")
	}
	if slices.Contains(slices.Concat(rule.Verbs, rule.Resources, rule.APIGroups), rbacv1.ResourceAll) {
		return errors.New(`"*" allows more than it says; name what is needed`)
	}
	return nil
}
