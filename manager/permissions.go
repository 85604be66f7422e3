package manager

import (
	"context"
	"fmt"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
)

// permissions asks the API server what this process may do.
type permissions struct {
	reviews authorizationclient.SelfSubjectAccessReviewInterface
}

// reviewTimeout bounds one question, so that a server which doesn't answer is told from one that refuses.
const reviewTimeout = 5 * time.Second

// reviewInterval is how often a missing permission is asked for again. A grant is noticed within it, and a few requests in this time are
// nothing to an API server.
const reviewInterval = 3 * time.Second

// await asks until all is allowed, and each time tells what is missing. It returns false if ctx ends before.
func (p *permissions) await(ctx context.Context, questions []authorizationv1.ResourceAttributes, tell func(missing string)) bool {
	for {
		var err error
		questions, err = p.denied(ctx, questions)
		if err == nil && len(questions) == 0 {
			return true
		}
		tell(describeMissing(questions, err))
		if !sleep(ctx, reviewInterval) {
			return false
		}
	}
}

// denied returns the questions to which the answer is no, or on an error those that were not answered with yes.
func (p *permissions) denied(ctx context.Context, questions []authorizationv1.ResourceAttributes) ([]authorizationv1.ResourceAttributes, error) {
	var denied []authorizationv1.ResourceAttributes
	for i, question := range questions {
		allowed, err := p.allowed(ctx, question)
		if err != nil {
			return append(denied, questions[i:]...), err
		}
		if !allowed {
			denied = append(denied, question)
		}
	}
	return denied, nil
}

// describeMissing returns "forbidden: list pods, watch pods", or that it could not be found out, and why.
func describeMissing(denied []authorizationv1.ResourceAttributes, err error) string {
	if err != nil {
		return fmt.Sprintf("can't ask the API server for permissions: %v", err)
	}
	texts := make([]string, 0, len(denied))
	for _, question := range denied {
		texts = append(texts, describe(question))
	}
	return "forbidden: " + strings.Join(texts, ", ")
}

func (p *permissions) allowed(ctx context.Context, attributes authorizationv1.ResourceAttributes) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	review, err := p.reviews.Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &attributes},
	}, metav1.CreateOptions{})
	if err != nil {
		return false, err
	}
	return review.Status.Allowed, nil
}

// expand returns a question for each thing that the rules allow.
func expand(rules []rbacv1.PolicyRule) []authorizationv1.ResourceAttributes {
	var all []authorizationv1.ResourceAttributes
	for _, rule := range rules {
		names := rule.ResourceNames
		if len(names) == 0 {
			names = []string{""} // any
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, name := range names {
					all = append(all, verbs(rule.Verbs, group, resource, name)...)
				}
			}
		}
	}
	return all
}

// expandIn is expand for rules that hold in a namespace.
func expandIn(namespace string, rules []rbacv1.PolicyRule) []authorizationv1.ResourceAttributes {
	questions := expand(rules)
	for i := range questions {
		questions[i].Namespace = namespace
	}
	return questions
}

func verbs(verbs []string, group, resource, name string) []authorizationv1.ResourceAttributes {
	resource, subresource, _ := strings.Cut(resource, "/")
	all := make([]authorizationv1.ResourceAttributes, 0, len(verbs))
	for _, verb := range verbs {
		all = append(all, authorizationv1.ResourceAttributes{
			Verb: verb, Group: group, Resource: resource, Subresource: subresource, Name: name,
		})
	}
	return all
}

// describe returns "list pods", or "update replicasets.apps/status", with the name behind it if there is one.
func describe(a authorizationv1.ResourceAttributes) string {
	text := a.Verb + " " + a.Resource
	if a.Group != "" {
		text += "." + a.Group
	}
	if a.Subresource != "" {
		text += "/" + a.Subresource
	}
	if a.Name != "" {
		text += " " + a.Name
	}
	return text
}
