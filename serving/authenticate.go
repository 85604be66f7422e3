package serving

import (
	"context"
	"errors"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/group"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/request/union"
	"k8s.io/apiserver/pkg/authentication/token/cache"
	"k8s.io/apiserver/pkg/authentication/user"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
)

// anyOf finds out who asks in any of the ways, the first that can tell, and knows everybody as authenticated who is.
func anyOf(ways ...authenticator.Request) authenticator.Request {
	return group.NewAuthenticatedGroupAdder(union.New(ways...))
}

// byToken believes a bearer token of which the API server says whose it is.
func byToken(reviews authenticationclient.TokenReviewInterface) authenticator.Request {
	return bearertoken.New(cache.New(tokens{reviews}, false, answerTime, answerTime))
}

// tokens asks the API server whose a token is.
type tokens struct {
	reviews authenticationclient.TokenReviewInterface
}

// AuthenticateToken returns whose the token is, and whether it is anybody's.
func (t tokens) AuthenticateToken(ctx context.Context, token string) (*authenticator.Response, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	review, err := t.reviews.Create(ctx, &authenticationv1.TokenReview{
		Spec: authenticationv1.TokenReviewSpec{Token: token},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, false, errors.Join(errUnanswered, err)
	}
	if !review.Status.Authenticated {
		return nil, false, nil // and no error, so that the answer is remembered
	}
	whose := review.Status.User
	extra := make(map[string][]string, len(whose.Extra))
	for key, value := range whose.Extra {
		extra[key] = value
	}
	return &authenticator.Response{
		User: &user.DefaultInfo{Name: whose.Username, UID: whose.UID, Groups: whose.Groups, Extra: extra},
	}, true, nil
}
