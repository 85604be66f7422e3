package serving

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/group"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/request/union"
	"k8s.io/apiserver/pkg/authentication/user"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
)

// anyOf finds out who asks in any of the ways, the first that can tell, and knows everybody as authenticated who is.
func anyOf(ways ...authenticator.Request) authenticator.Request {
	return group.NewAuthenticatedGroupAdder(union.New(ways...))
}

const (
	// strangerQuestions and strangerBurst are the tokens that one address can make us ask about while the API server has never accepted
	// them: a scraper has one.
	strangerQuestions, strangerBurst = 5, 10
	// allStrangers are those of all addresses together, at once as in a second: half of what the client may ask, so that tokens which were
	// accepted before are asked about again without delay.
	allStrangers = 25
	// acceptedTime is how long a token is no stranger after it was accepted: longer than a scraper is away.
	acceptedTime = time.Hour
)

// tokens believes a bearer token of which the API server says whose it is, and remembers its answers for a while. Random tokens cost
// those who send them their share, and nobody else anything.
type tokens struct {
	reviews   authenticationclient.TokenReviewInterface
	ttl       time.Duration         // of an answer
	answers   *cache.LRUExpireCache // of user.Info, nil for who is nobody; by the hash of the token
	accepted  *cache.LRUExpireCache // hashes of tokens that were accepted when they were last asked about
	strangers *shares
	flight    singleflight.Group // by the hash of the token: many who bring it at once cost a question
	log       *zap.Logger
}

// byToken believes bearer tokens. An answer is believed for the ttl.
func byToken(reviews authenticationclient.TokenReviewInterface, ttl time.Duration, log *zap.Logger) authenticator.Request {
	t := &tokens{
		reviews: reviews, ttl: ttl, answers: cache.NewLRUExpireCache(maxAnswers), accepted: cache.NewLRUExpireCache(maxAnswers),
		strangers: newShares(share{strangerQuestions, strangerBurst}, share{allStrangers, allStrangers}.limiter()), log: log,
	}
	return authenticator.RequestFunc(func(r *http.Request) (*authenticator.Response, bool, error) {
		from := func(ctx context.Context, token string) (*authenticator.Response, bool, error) {
			return t.authenticate(ctx, token, r.RemoteAddr)
		}
		return bearertoken.New(authenticator.TokenFunc(from)).AuthenticateRequest(r)
	})
}

// authenticate returns whose the token is that came from an address, and whether it is anybody's.
func (t *tokens) authenticate(ctx context.Context, token, address string) (*authenticator.Response, bool, error) {
	key := sha256.Sum256([]byte(token))
	whose, known := t.answers.Get(key)
	if !known {
		var err error
		ask := context.WithoutCancel(ctx) // others may wait for the answer too
		if whose, err, _ = t.flight.Do(string(key[:]), func() (any, error) { return t.learn(ask, key, token, address) }); err != nil {
			return nil, false, err
		}
	}
	if whose == nil {
		return nil, false, nil
	}
	return &authenticator.Response{User: whose.(user.Info)}, true, nil
}

// learn asks whose the token is, and remembers it. Tokens that have never been accepted are asked about within the share of their address.
func (t *tokens) learn(ctx context.Context, key [sha256.Size]byte, token, address string) (any, error) {
	if _, accepted := t.accepted.Get(key); !accepted {
		if err := t.strangers.take(sharerAt(address)); err != nil {
			return nil, err
		}
	}
	whose, err := t.ask(ctx, token)
	switch {
	case err != nil:
		return nil, err
	case whose == nil:
		t.accepted.Remove(key)
	default:
		t.accepted.Add(key, true, acceptedTime)
	}
	t.answers.Add(key, whose, t.ttl)
	return whose, nil
}

// ask returns the user.Info of whose the token is, or nil if it is nobody's.
func (t *tokens) ask(ctx context.Context, token string) (any, error) {
	ctx, cancel := context.WithTimeout(unlogged(ctx), reviewTimeout)
	defer cancel()
	review, err := t.reviews.Create(ctx, &authenticationv1.TokenReview{
		Spec: authenticationv1.TokenReviewSpec{Token: token},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, errors.Join(errUnanswered, err)
	}
	if !review.Status.Authenticated {
		t.tell(review.Status.Error, token)
		return nil, nil
	}
	whose := review.Status.User
	extra := make(map[string][]string, len(whose.Extra))
	for key, value := range whose.Extra {
		extra[key] = value
	}
	return &user.DefaultInfo{Name: whose.Username, UID: whose.UID, Groups: whose.Groups, Extra: extra}, nil
}

// maxReason bounds what is logged of an answer.
const maxReason = 512

// tell logs why a token was not accepted, which only the log learns. It hides the token, were the answer ever to repeat it.
func (t *tokens) tell(reason, token string) {
	if reason == "" {
		return
	}
	reason = strings.ReplaceAll(reason, token, "[token]")
	t.log.Info("the API server does not accept a token", zap.String("reason", reason[:min(len(reason), maxReason)]))
}
