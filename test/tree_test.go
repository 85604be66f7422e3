package test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files are texts by their paths from the root, with slashes; pictures and the like are empty.
type files map[string]string

// tree is the repository, without what Git ignores.
type tree struct {
	files
	sources []source // sorted by path
}

// source is a Go file that people wrote.
type source struct {
	path, folder string // from the root
	module       string // the folder of its go.mod, "." for the root's
	set          *token.FileSet
	file         *ast.File
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) line(n ast.Node) int { return s.set.Position(n.Pos()).Line }

func (s source) lines(n ast.Node) int { return s.set.Position(n.End()).Line - s.line(n) + 1 }

// readTree reads what is in a folder.
func readTree(t *testing.T, root string) tree {
	t.Helper()
	ignored, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	skipped := append(strings.Fields(string(ignored)), "/.git/")
	all := files{}
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		if entry.IsDir() && slices.Contains(skipped, "/"+relative+"/") {
			return filepath.SkipDir
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(name)
		if bytes.ContainsRune(text, 0) {
			text = nil // it is none
		}
		all[relative] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, all)
}

// parse makes a tree of files.
func parse(t *testing.T, all files) tree {
	t.Helper()
	result := tree{files: all}
	for name, text := range all {
		if path.Ext(name) != ".go" || strings.Contains(name, "testdata/") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if !ast.IsGenerated(file) {
			folder := path.Dir(name)
			result.sources = append(result.sources, source{path: name, folder: folder, module: all.moduleOf(folder), set: set, file: file})
		}
	}
	slices.SortFunc(result.sources, func(a, b source) int { return strings.Compare(a.path, b.path) })
	return result
}

func (f files) moduleOf(folder string) string {
	for ; folder != "."; folder = path.Dir(folder) {
		if _, ok := f[folder+"/go.mod"]; ok {
			break
		}
	}
	return folder
}

// each returns what find finds in each source.
func (t tree) each(find func(source) []string) []string {
	var found []string
	for _, s := range t.sources {
		found = append(found, find(s)...)
	}
	return found
}

// calls reports whether the node calls one of the functions, which are written "os.Exit".
func calls(n ast.Node, functions ...string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			from, isName := selector.X.(*ast.Ident)
			found = found || isName && slices.Contains(functions, from.Name+"."+selector.Sel.Name)
		}
		return true
	})
	return found
}
