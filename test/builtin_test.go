package test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/builtin"
)

// controllerFolders returns the folders of controllers, sorted.
func (t tree) controllerFolders() []string {
	var folders []string
	for _, s := range t.sources {
		if s.module == "." && rowOf(s.folder) == "controllers/*" {
			folders = append(folders, s.folder)
		}
	}
	return slices.Compact(folders)
}

func controllersAreAlike() convention {
	return convention{
		name:   "each controller's package has Descriptor() controllers.Descriptor",
		reason: "who has read one controller finds the way in another",
		violations: func(t tree) []string {
			var wrong []string
			for _, folder := range t.controllerFolders() {
				if !slices.ContainsFunc(t.sources, func(s source) bool { return s.folder == folder && !s.isTest() && describes(s) }) {
					wrong = append(wrong, folder+" has no such function")
				}
			}
			return wrong
		},
		broken: []files{
			{"controllers/a/a.go": "package a"},
			{"controllers/a/a.go": "package a\nvar Descriptor = controllers.Descriptor{}"},
			{"controllers/a/a.go": "package a\nfunc Descriptor() *controllers.Descriptor { return nil }"},
			{"controllers/a/a.go": "package a\nfunc Descriptor(o Options) controllers.Descriptor { return d }"},
			{"controllers/a/a.go": "package a", "controllers/a/a_test.go": "package a\nfunc Descriptor() controllers.Descriptor { return d }"},
		},
		kept: []files{
			{"controllers/a/a.go": "package a", "controllers/a/b.go": "package a\nfunc Descriptor() controllers.Descriptor { return d }"},
			{"controllers/worker/a.go": "package worker", "controllers/internal/b/b.go": "package b", "controllers/doc.go": "package controllers"},
		},
	}
}

func describes(s source) bool {
	return slices.ContainsFunc(s.file.Decls, func(declaration ast.Decl) bool {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Name.Name != "Descriptor" || f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() != 1 {
			return false
		}
		result, ok := f.Type.Results.List[0].Type.(*ast.SelectorExpr)
		return ok && calls(result, "controllers.Descriptor")
	})
}

func controllersAreListed() convention {
	return convention{
		name:   "each controller in a folder is in the list",
		reason: "a controller that is not in builtin.All() is built, tested, and never run",
		violations: func(t tree) []string {
			var wrong []string
			for _, folder := range t.controllerFolders() {
				if !slices.ContainsFunc(builtin.All(), func(d controllers.Descriptor) bool { return folder == folderOf(d) }) {
					wrong = append(wrong, folder+" has no descriptor in builtin.All()")
				}
			}
			return wrong
		},
		broken: []files{{"controllers/unlisted/a.go": "package unlisted"}},
		kept:   []files{{"controllers/podsync/a.go": "package podsync"}},
	}
}

// folderOf returns the folder of a controller: its name without dashes, which a package's name can't have.
func folderOf(d controllers.Descriptor) string {
	return "controllers/" + strings.ReplaceAll(d.Name, "-", "")
}

func TestBuiltinList(t *testing.T) {
	all := builtin.All()
	if err := controllers.Validate(all); err != nil {
		t.Error(err)
	}
	for _, problem := range disorder(all) {
		t.Error(problem)
	}
	folders := readTree(t, "..").controllerFolders()
	for _, d := range all {
		if !slices.Contains(folders, folderOf(d)) {
			t.Errorf("controller %s is not in %s, where readers look for it", d.Name, folderOf(d))
		}
	}
}

// disorder says what is out of order in a list of controllers.
func disorder(all []controllers.Descriptor) []string {
	var problems []string
	for i := 1; i < len(all); i++ {
		if all[i-1].Name >= all[i].Name {
			problems = append(problems, fmt.Sprintf("%s stands before %s: a list that isn't sorted has no place for the next one", all[i-1].Name, all[i].Name))
		}
	}
	return problems
}

func TestDisorderIsFound(t *testing.T) {
	a, b := controllers.Descriptor{Name: "a"}, controllers.Descriptor{Name: "b"}
	if got := disorder([]controllers.Descriptor{a, b}); len(got) > 0 {
		t.Errorf("a, b: %q, want nothing", got)
	}
	for _, list := range [][]controllers.Descriptor{{b, a}, {a, a}} {
		if got := disorder(list); len(got) != 1 {
			t.Errorf("%s, %s: %q, want one problem", list[0].Name, list[1].Name, got)
		}
	}
}

// Two managers in one process have flags of their own.
func TestEachListHasFlagsOfItsOwn(t *testing.T) {
	first, second := flagsOf(builtin.All()), flagsOf(builtin.All())
	first.VisitAll(func(f *pflag.Flag) {
		if f.Value == second.Lookup(f.Name).Value {
			t.Errorf("two calls of builtin.All() share the value of --%s", f.Name)
		}
	})
}

func flagsOf(all []controllers.Descriptor) *pflag.FlagSet {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, d := range all {
		if d.AddFlags != nil {
			d.AddFlags(flags)
		}
	}
	return flags
}
