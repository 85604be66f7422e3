package serving

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
)

// reviews is an API server that knows the tokens that begin with "good", behind a client that asks at most 50 a second, as ours does.
type reviews struct {
	authenticationclient.TokenReviewInterface
	client *rate.Limiter
	bad    atomic.Int64 // questions about unknown tokens
}

func (r *reviews) Create(ctx context.Context, review *authenticationv1.TokenReview, _ metav1.CreateOptions) (*authenticationv1.TokenReview, error) {
	if err := r.client.Wait(ctx); err != nil {
		return nil, err
	}
	if strings.HasPrefix(review.Spec.Token, "good") {
		review.Status = authenticationv1.TokenReviewStatus{Authenticated: true, User: authenticationv1.UserInfo{Username: review.Spec.Token}}
	} else {
		r.bad.Add(1)
	}
	time.Sleep(100 * time.Millisecond)
	return review, nil
}

// flooded is a guard in a storm.
type flooded struct {
	guard   *guard
	reviews *reviews
	sent    int
}

func newFlooded() *flooded {
	f := &flooded{reviews: &reviews{client: rate.NewLimiter(50, 100)}}
	f.guard = newGuard(nil, anyOf(byToken(f.reviews, answerTime, zap.NewNop())), permissive(), zap.NewNop(), http.HandlerFunc(hello))
	return f
}

// ask returns the status of an answer to a token that comes from the address.
func (f *flooded) ask(token, address string) int {
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header, request.RemoteAddr = bearer(token), address
	answer := httptest.NewRecorder()
	f.guard.ServeHTTP(answer, request)
	return answer.Code
}

// storm sends 1,000 unknown tokens a second, from the addresses, none of which waits for the answer to another.
func (f *flooded) storm(duration time.Duration, address func(i int) string) {
	for range duration / time.Millisecond {
		f.sent++
		go f.ask(fmt.Sprintf("bad-%d", f.sent), address(f.sent))
		time.Sleep(time.Millisecond)
	}
}

// expect fails unless the token is answered with 200, and soon.
func (f *flooded) expect(t *testing.T, who, token, address string) {
	t.Helper()
	began := time.Now()
	if got := f.ask(token, address); got != http.StatusOK || time.Since(began) > time.Second {
		t.Errorf("%s: status %d after %v, want 200 within a second", who, got, time.Since(began))
	}
}

func TestFloodOfTokensFromOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlooded()
		const enemy = "10.0.0.1:1"
		f.expect(t, "before the flood", "good-0", enemy)
		go f.storm(30*time.Second, func(i int) string { return fmt.Sprintf("10.0.0.1:%d", i%60000+1) })
		time.Sleep(5 * time.Second)
		f.expect(t, "remembered, from the address of the flood", "good-0", enemy)
		f.expect(t, "unheard-of, from another address", "good-1", "10.0.0.2:1")
		time.Sleep(20 * time.Second)
		f.expect(t, "forgotten, but accepted before, from the address of the flood", "good-0", enemy)
		time.Sleep(time.Minute)
		if got, most := f.reviews.bad.Load(), int64(strangerBurst+30*strangerQuestions); got > most {
			t.Errorf("%d questions about unknown tokens in 30 s, want %d at the most", got, most)
		}
	})
}

func TestFloodOfTokensFromManyAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlooded()
		f.expect(t, "before the flood", "good-0", "10.0.0.2:1")
		go f.storm(30*time.Second, func(i int) string { return fmt.Sprintf("10.1.%d.%d:1", i/256%256, i%256) })
		for range 2 {
			time.Sleep(12 * time.Second) // what was answered is forgotten
			f.expect(t, "accepted before", "good-0", "10.0.0.2:1")
		}
		time.Sleep(time.Minute)
		if got, most := f.reviews.bad.Load(), int64(allStrangers+30*allStrangers); got > most {
			t.Errorf("%d questions about unknown tokens in 30 s, want %d at the most", got, most)
		}
	})
}

// One user who makes up paths has a share, too.
func TestFloodOfPaths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil, named("somebody"), permissive(), zap.NewNop(), http.HandlerFunc(hello))
		status := func(path string) int {
			answer := httptest.NewRecorder()
			g.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
			return answer.Code
		}
		for i := range userBurst {
			if got := status(fmt.Sprintf("/%d", i)); got != http.StatusOK {
				t.Fatalf("path %d has status %d, want 200", i, got)
			}
		}
		if got := status("/more"); got != http.StatusTooManyRequests {
			t.Errorf("one more path has status %d, want 429", got)
		}
		if got := status("/0"); got != http.StatusOK {
			t.Errorf("a path that is remembered has status %d, want 200", got)
		}
		g.who = named("another")
		if got := status("/more"); got != http.StatusOK {
			t.Errorf("another user gets status %d, want 200", got)
		}
	})
}

func TestSharerAt(t *testing.T) {
	for address, want := range map[string]string{
		"10.0.0.1:80": "10.0.0.1/32", "[::ffff:10.0.0.1]:80": "10.0.0.1/32",
		"[2001:db8::1]:80": "2001:db8::/64", "[fe80::1%eth0]:80": "fe80::/64", "somewhere": "invalid Prefix",
	} {
		if got := sharerAt(address).String(); got != want {
			t.Errorf("%s shares as %s, want %s", address, got, want)
		}
	}
}
