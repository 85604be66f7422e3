// Package test holds the tests of the whole. Those of the architecture are here; those that need a cluster are in folders.
package test

import "testing"

const module = "github.com/6ead2ce0/wheelhouse"

// convention is something that all of the tree keeps to.
type convention struct {
	name, reason string
	// violations returns a line for each place in the tree that breaks the convention.
	violations func(tree) []string
	// broken are trees that each break it, and kept are such that look as if they did. Without them, nobody would notice a
	// convention that finds nothing.
	broken, kept []files
}

func conventions() []convention {
	return []convention{
		ourImports(), testImports(), bannedImports(), importNames(),
		modulesAreFew(), rootRequiresLittle(), noRegistry(),
		packageComments(), noInit(), noVariables(), onlyMainExits(), noSleep(),
		filesAreShort(), functionsAreShort(),
		controllersAreAlike(), controllersAreListed(),
		linksResolve(), pagesAreListed(), figuresAreMeasured(), flagsExist(), commandsExist(), targetsExist(),
	}
}

func TestArchitecture(t *testing.T) {
	all := readTree(t, "..")
	for _, c := range conventions() {
		t.Run(c.name, func(t *testing.T) {
			for _, violation := range c.violations(all) {
				t.Errorf("%s\n\tWhy not: %s", violation, c.reason)
			}
		})
	}
}

func TestConventionsAreChecked(t *testing.T) {
	for _, c := range conventions() {
		t.Run(c.name, func(t *testing.T) {
			if len(c.broken) == 0 {
				t.Error("no example shows that it can be broken")
			}
			for _, example := range c.broken {
				if len(c.violations(parse(t, example))) == 0 {
					t.Errorf("nothing is found in %q", example)
				}
			}
			for _, example := range c.kept {
				if found := c.violations(parse(t, example)); len(found) > 0 {
					t.Errorf("%q is found in %q", found, example)
				}
			}
		})
	}
}
