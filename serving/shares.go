package serving

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/util/cache"
)

// errCrowded is the error of a question that isn't asked, since so many others are.
var errCrowded = errors.New("too many questions")

const (
	// maxSharers bounds the memory of those who have a share. Whoever is forgotten has a full share again, of what is left for all.
	maxSharers = 4096
	// shareTime is after how long somebody who asks nothing is forgotten: a share is full again long before.
	shareTime = time.Minute
)

// share is how many questions are asked a second, and how many at once.
type share struct {
	perSecond rate.Limit
	burst     int
}

func (s share) limiter() *rate.Limiter { return rate.NewLimiter(s.perSecond, s.burst) }

// shares bound the questions to the API server that each of many can make us ask, and those of all of them together.
type shares struct {
	each share
	all  *rate.Limiter // nil for no bound of its own

	mu      sync.Mutex            // makes a share once
	sharers *cache.LRUExpireCache // of *rate.Limiter
}

func newShares(each share, all *rate.Limiter) *shares {
	return &shares{each: each, all: all, sharers: cache.NewLRUExpireCache(maxSharers)}
}

// take returns errCrowded if the sharer has had its share, or all have had theirs. It doesn't wait: who waits is in the way of others.
func (s *shares) take(sharer any) error {
	if !s.of(sharer).Allow() || s.all != nil && !s.all.Allow() {
		return errCrowded
	}
	return nil
}

func (s *shares) of(sharer any) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	limiter, ok := s.sharers.Get(sharer)
	if !ok {
		limiter = s.each.limiter()
	}
	s.sharers.Add(sharer, limiter, shareTime)
	return limiter.(*rate.Limiter)
}

// neighbourhood is the bits of an IPv6 address that one machine has for itself: all addresses behind them can be its own.
const neighbourhood = 64

// sharerAt returns who shares what there is for a remote address: the machine, whatever port and, with IPv6, whichever of its addresses.
func sharerAt(address string) netip.Prefix {
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Prefix{} // those who can't be told apart have one share
	}
	ip := parsed.Addr().Unmap().WithZone("")
	prefix, err := ip.Prefix(min(ip.BitLen(), neighbourhood))
	if err != nil {
		return netip.Prefix{} // can't be: the bits are those of the address at the most
	}
	return prefix
}
