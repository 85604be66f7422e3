package app

import (
	"net"
	"net/http"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
)

// patience is how long a connection to the API server may be silent. One that is black-holed, by a machine on the way that is
// gone, would otherwise be believed in for many minutes.
type patience struct {
	idle   time.Duration // after which the other side is asked for a sign of life
	answer time.Duration // that it has to give one
}

const (
	usualIdle   = 10 * time.Second
	usualAnswer = 5 * time.Second
)

func usualPatience() patience {
	return patience{idle: usualIdle, answer: usualAnswer}
}

// leastPatience is for machines so busy that a healthy connection is silent for a while.
const leastPatience = time.Second

// leasePatience lets a black-holed connection cost a renewal, not the term: it leaves half the renew deadline, if that is long.
func leasePatience(renewDeadline time.Duration) patience {
	quarter := max(leastPatience, renewDeadline/4)
	return patience{idle: min(usualIdle, quarter), answer: min(usualAnswer, quarter)}
}

// apply gives the config's clients connections of their own, with this patience.
func (p patience) apply(config *rest.Config) {
	if config.Dial == nil { // client-go shares connections between clients that dial alike
		config.Dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	wrap := config.WrapTransport
	config.WrapTransport = func(base http.RoundTripper) http.RoundTripper {
		p.set(base)
		if wrap != nil {
			return wrap(base)
		}
		return base
	}
}

// dialTimeout bounds how long a connection may take to be made.
const dialTimeout = 10 * time.Second

// set tells the transport, which is client-go's and in nobody's use yet.
func (p patience) set(base http.RoundTripper) {
	for {
		if transport, ok := base.(*http.Transport); ok {
			transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: p.idle, PingTimeout: p.answer}
			return
		}
		wrapper, ok := base.(utilnet.RoundTripperWrapper)
		if !ok {
			return
		}
		base = wrapper.WrappedRoundTripper()
	}
}
