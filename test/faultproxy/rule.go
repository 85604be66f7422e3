package faultproxy

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Match selects requests. An empty field matches everything; of several values one must match.
type Match struct {
	Verbs     []string
	Resources []string // "pods", or "pods/status" for a subresource; "pods" alone does not match it
	Namespace string
	User      string
	UserAgent string // a part of it
	Where     func(Request) bool
}

// Matches reports whether the request is one of those.
func (m Match) Matches(r Request) bool {
	resource := r.Resource
	if r.Subresource != "" {
		resource += "/" + r.Subresource
	}
	return (len(m.Verbs) == 0 || slices.Contains(m.Verbs, r.Verb)) &&
		(len(m.Resources) == 0 || slices.Contains(m.Resources, resource)) &&
		(m.Namespace == "" || m.Namespace == r.Namespace) &&
		(m.User == "" || m.User == r.User) &&
		strings.Contains(r.UserAgent, m.UserAgent) &&
		(m.Where == nil || m.Where(r))
}

// Rule says what is broken. It has a Fault or a Watch.
type Rule struct {
	Match Match

	// Fault is what happens to a request when it comes. Of several rules that apply, the first that was added counts.
	Fault Fault
	// Skip is how many matches pass before the fault applies, and Times how many it then applies to; 0 is without end.
	Skip, Times int
	// Probability, if it isn't 0, is that of the fault applying to a match that Skip and Times leave to it. Seed makes it
	// repeatable.
	Probability float64
	Seed        uint64

	// Watch is what happens to all watches that match, those that run already among them, until it is lifted.
	Watch *Watch
}

// Active is a rule that a proxy follows.
type Active struct {
	Rule
	proxy            *Proxy
	chance           *rand.Rand // guarded by proxy.mu, as are these:
	matched, applied int
}

// Add makes the proxy follow the rule until it is lifted.
func (p *Proxy) Add(rule Rule) *Active {
	a := &Active{Rule: rule, proxy: p, chance: rand.New(rand.NewPCG(rule.Seed, 0))}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = append(p.rules, a)
	p.tellLocked()
	return a
}

// Lift ends the rule. What it has broken stays so; a watch that it held goes on.
func (a *Active) Lift() {
	a.proxy.mu.Lock()
	defer a.proxy.mu.Unlock()
	a.proxy.rules = slices.DeleteFunc(a.proxy.rules, func(other *Active) bool { return other == a })
	a.proxy.tellLocked()
}

// Matched returns how many requests have matched while no rule before this one applied to them.
func (a *Active) Matched() int {
	a.proxy.mu.Lock()
	defer a.proxy.mu.Unlock()
	return a.matched
}

// Applied returns how many requests have met the fault.
func (a *Active) Applied() int {
	a.proxy.mu.Lock()
	defer a.proxy.mu.Unlock()
	return a.applied
}

func (p *Proxy) tellLocked() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// faultFor returns the fault that the request meets, or nil.
func (p *Proxy) faultFor(r Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.rules {
		if a.Fault != nil && a.Match.Matches(r) && a.appliesLocked() {
			return a.Fault
		}
	}
	return nil
}

// appliesLocked counts a match.
func (a *Active) appliesLocked() bool {
	a.matched++
	applies := a.matched > a.Skip &&
		(a.Times == 0 || a.applied < a.Times) &&
		(a.Probability == 0 || a.chance.Float64() < a.Probability)
	if applies {
		a.applied++
	}
	return applies
}
