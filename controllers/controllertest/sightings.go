package controllertest

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// maxRounds is how often a comparison is made before a difference is taken for one. What goroutines do, and in which order, is never
// quite the same: only what is always seen on one side, and never on the other, counts.
const maxRounds = 8

// sightings are what was seen in several trials of a candidate.
type sightings struct {
	always, ever map[string]bool
}

// watch adds what is seen of the candidate in one more trial.
func (s *sightings) watch(t *testing.T, c candidate) error {
	facts, err := c.watch(t)
	if err != nil {
		return err
	}
	if s.ever == nil {
		s.always, s.ever = maps.Clone(facts), map[string]bool{}
	}
	maps.Copy(s.ever, facts)
	maps.DeleteFunc(s.always, func(fact string, _ bool) bool { return !facts[fact] })
	return nil
}

// without returns what is always in s and never in other.
func (s *sightings) without(other *sightings) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for fact := range s.always {
			if !other.ever[fact] && !yield(fact) {
				return
			}
		}
	})
}

// difference is what is seen of one candidate alone, and of another alone.
type difference struct {
	one, other []string
	err        error
}

func (d difference) isEmpty() bool { return len(d.one)+len(d.other) == 0 }

// String shows some of the difference.
func (d difference) String() string {
	const most = 5
	var text strings.Builder
	for _, fact := range d.one[:min(most, len(d.one))] {
		text.WriteString("- " + fact + "\n")
	}
	for _, fact := range d.other[:min(most, len(d.other))] {
		text.WriteString("+ " + fact + "\n")
	}
	return text.String()
}

func differ(t *testing.T, one, other candidate) (d difference) {
	var a, b sightings
	for range maxRounds {
		if err := errors.Join(a.watch(t, one), b.watch(t, other)); err != nil {
			return difference{err: err}
		}
		if d = (difference{one: a.without(&b), other: b.without(&a)}); d.isEmpty() {
			break
		}
	}
	return d
}
