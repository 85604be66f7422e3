package controllers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// selectFlag is the flag whose value Select reads.
const selectFlag = "controllers"

// Select returns the controllers out of all that the entries of --controllers ask for, in the order of all.
//
// "*" stands for all that are on by default, "foo" turns foo on, "-foo" turns it off; aliases stand for names. These are the
// rules of kube-controller-manager (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/)
// with its silent cases made errors: an unknown name, "foo" together with "-foo", nothing but "-foo", and whatever would run
// nothing. Every error is a [*FlagError].
func Select(entries []string, all []Descriptor) ([]Descriptor, error) {
	c, err := parseChoice(entries, all)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	var chosen []Descriptor
	for _, d := range all {
		if c.on[d.Name] || c.star && !d.DisabledByDefault && !c.off[d.Name] {
			chosen = append(chosen, d)
		}
	}
	if len(chosen) == 0 {
		return nil, selectError("%q selects no controller; the known ones are %s", strings.Join(entries, ","), names(all))
	}
	return chosen, nil
}

// choice is what the entries say, with aliases resolved.
type choice struct {
	star    bool
	on, off map[string]bool
	entries []string
}

func parseChoice(entries []string, all []Descriptor) (choice, error) {
	c := choice{on: map[string]bool{}, off: map[string]bool{}, entries: entries}
	for _, entry := range entries {
		entry = strings.TrimSpace(entry)
		if entry == "*" {
			c.star = true
			continue
		}
		word, off := strings.CutPrefix(entry, "-")
		name, err := canonical(word, all)
		if err != nil {
			return choice{}, err
		}
		if off {
			c.off[name] = true
		} else {
			c.on[name] = true
		}
	}
	return c, nil
}

func (c choice) check() error {
	for name := range c.on {
		if c.off[name] {
			return selectError("%q is both on and off; write %s or -%s", name, name, name)
		}
	}
	if len(c.off) > 0 && !c.star && len(c.on) == 0 {
		list := strings.Join(c.entries, ",")
		return selectError("%q turns controllers off and none on; write *,%s", list, list)
	}
	return nil
}

// NameOf returns the name of the controller that bears the word as its name or an alias, and whether there is one.
func NameOf(word string, all []Descriptor) (name string, known bool) {
	for _, d := range all {
		if word == d.Name || slices.Contains(d.Aliases, word) {
			return d.Name, true
		}
	}
	return "", false
}

// canonical returns the name of the controller that word names.
func canonical(word string, all []Descriptor) (string, error) {
	if name, known := NameOf(word, all); known {
		return name, nil
	}
	message := fmt.Sprintf("%q is not in the list of known controllers: %s", word, names(all))
	if near := nearest(word, all); near != "" {
		message += fmt.Sprintf("; did you mean %q?", near)
	}
	return "", selectError("%s", message)
}

// maxTypos is how many letters a word may be off to be taken for a mistyped name.
const maxTypos = 3

// nearest returns the name or alias that word was probably meant to be, or "".
func nearest(word string, all []Descriptor) string {
	best, least := "", maxTypos+1
	for _, d := range all {
		for _, name := range append([]string{d.Name}, d.Aliases...) {
			if n := levenshtein.ComputeDistance(word, name); n < least && n < len(name)/2+1 {
				best, least = name, n
			}
		}
	}
	return best
}

func names(all []Descriptor) string {
	list := make([]string, 0, len(all))
	for _, d := range all {
		list = append(list, d.Name)
	}
	return strings.Join(list, ", ")
}

func selectError(format string, args ...any) error {
	return &FlagError{Flag: selectFlag, Reason: fmt.Sprintf(format, args...)}
}
