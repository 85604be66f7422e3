package serving

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/apiserver/pkg/authentication/user"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
)

const (
	// answerTime is how long an answer of the API server is believed unless flags say otherwise: short enough for a change of roles to be
	// felt, long enough that scrapers cost a question each time at most.
	answerTime = 10 * time.Second
	// maxAnswers bounds the memory of answers.
	maxAnswers = 1024
	// reviewTimeout bounds one question.
	reviewTimeout = 5 * time.Second
	// userQuestions and userBurst are the questions that one user can make us ask, who has a path for each.
	userQuestions, userBurst = 5, 20
)

// access asks the API server who may do what, and remembers its answers for a while.
type access struct {
	reviews authorizationclient.SubjectAccessReviewInterface
	ttl     map[bool]time.Duration // of an answer, by what it is
	answers *cache.LRUExpireCache
	users   *shares
}

func newAccess(reviews authorizationclient.SubjectAccessReviewInterface, allowed, denied time.Duration) *access {
	return &access{
		reviews: reviews, ttl: map[bool]time.Duration{true: allowed, false: denied},
		answers: cache.NewLRUExpireCache(maxAnswers), users: newShares(share{userQuestions, userBurst}, nil),
	}
}

// allowed reports whether somebody may do something with a path that is of no resource.
func (a *access) allowed(ctx context.Context, asker user.Info, verb, path string) (bool, error) {
	question := authorizationv1.SubjectAccessReviewSpec{
		User: asker.GetName(), UID: asker.GetUID(), Groups: asker.GetGroups(), Extra: extra(asker),
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: verb, Path: path},
	}
	text, err := json.Marshal(question)
	if err != nil {
		return false, fmt.Errorf("ask for the access of %q: %w", asker.GetName(), err)
	}
	key := sha256.Sum256(text)
	if answer, ok := a.answers.Get(key); ok {
		return answer == true, nil
	}
	if err := a.users.take(asker.GetName()); err != nil {
		return false, err
	}
	allowed, err := a.ask(ctx, question)
	if err == nil {
		a.answers.Add(key, allowed, a.ttl[allowed])
	}
	return allowed, err
}

func (a *access) ask(ctx context.Context, question authorizationv1.SubjectAccessReviewSpec) (bool, error) {
	ctx, cancel := context.WithTimeout(unlogged(ctx), reviewTimeout)
	defer cancel()
	review, err := a.reviews.Create(ctx, &authorizationv1.SubjectAccessReview{Spec: question}, metav1.CreateOptions{})
	if err != nil {
		return false, errors.Join(errUnanswered, err)
	}
	return review.Status.Allowed && !review.Status.Denied, nil
}

func extra(asker user.Info) map[string]authorizationv1.ExtraValue {
	values := map[string]authorizationv1.ExtraValue{}
	for key, value := range asker.GetExtra() {
		values[key] = value
	}
	return values
}
