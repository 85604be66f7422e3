package test

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// functions returns a line for each function for which wrong is true.
func (t tree) functions(what string, wrong func(source, *ast.FuncDecl) bool) []string {
	return t.each(func(s source) []string {
		var found []string
		for _, declaration := range s.file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && wrong(s, f) {
				found = append(found, fmt.Sprintf("%s:%d: %s %s", s.path, s.line(f), f.Name.Name, what))
			}
		}
		return found
	})
}

func noInit() convention {
	return convention{
		name:   "no function is called init",
		reason: "nothing happens at import, so that two managers can live in one process, and tests beside each other",
		violations: func(t tree) []string {
			return t.functions("is called at import", func(_ source, f *ast.FuncDecl) bool {
				return f.Recv == nil && f.Name.Name == "init"
			})
		},
		broken: []files{{"a/a.go": "package a\nfunc init() {}"}, {"a/a_test.go": "package a\nfunc init() {}"}},
		kept:   []files{{"a/a.go": "package a\nfunc (t T) init() {}\nfunc initialize() {}"}},
	}
}

func onlyMainExits() convention {
	return convention{
		name:   "only main ends the process",
		reason: "whoever else ends it leaves leases held and files open, and can't be tested",
		violations: func(t tree) []string {
			return t.functions("ends the process", func(s source, f *ast.FuncDecl) bool {
				return s.file.Name.Name != "main" && f.Name.Name != "TestMain" &&
					calls(f, "os.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln", "klog.Fatal", "klog.Fatalf", "klog.Exit", "klog.Exitf")
			})
		},
		broken: []files{
			{"a/a.go": "package a\nfunc f() { os.Exit(1) }"},
			{"a/a.go": "package a\nfunc f() { defer func() { log.Fatal() }() }"},
			{"a/a.go": "package a\nfunc f() { exit := os.Exit; exit(1) }"},
		},
		kept: []files{
			{"a/a.go": "package main\nfunc main() { os.Exit(1) }"},
			{"a/a_test.go": "package a\nfunc TestMain(m *testing.M) { os.Exit(m.Run()) }"},
			{"a/a.go": "package a\nfunc f(p process) { p.Exit(1) }"},
		},
	}
}

// sleepers are test files that sleep in a bubble which another file makes.
func sleepers() map[string]bool {
	return map[string]bool{
		"controllers/controllertest/bad_test.go": true, // its controllers run in the kit's bubble
	}
}

func noSleep() convention {
	return convention{
		name:   "tests sleep in virtual time only",
		reason: "a test that sleeps is slow, and fails on a slow machine; localcluster and test look at real programs, and wait for them",
		violations: func(t tree) []string {
			return t.each(func(s source) []string {
				programs := under(s.folder, "test") || under(s.folder, "localcluster")
				if !s.isTest() || programs || sleepers()[s.path] || !calls(s.file, "time.Sleep") || virtual(s) {
					return nil
				}
				return []string{s.path + " sleeps and does not import testing/synctest"}
			})
		},
		broken: []files{{"a/a_test.go": "package a\nfunc f() { time.Sleep(1) }"}},
		kept: []files{
			{"a/a_test.go": "package a\nimport \"testing/synctest\"\nfunc f() { time.Sleep(1) }"},
			{"test/x/a_test.go": "package a\nfunc f() { time.Sleep(1) }"},
			{"a/a.go": "package a\nfunc f() { time.Sleep(1) }"},
		},
	}
}

func virtual(s source) bool {
	for _, imported := range imports(s) {
		if imported == "testing/synctest" {
			return true
		}
	}
	return false
}

func noVariables() convention {
	return convention{
		name: "packages have no variables",
		reason: "state belongs to a struct, so that two managers can live in one process. " +
			"Errors to compare with, checks of interfaces, embedded files and arrays are constants in all but name",
		violations: func(t tree) []string {
			return t.each(func(s source) []string {
				var wrong []string
				for _, declaration := range s.file.Decls {
					d, ok := declaration.(*ast.GenDecl)
					if !ok || d.Tok != token.VAR || s.isTest() || isEmbedded(d) {
						continue
					}
					for _, spec := range d.Specs {
						if v := spec.(*ast.ValueSpec); !isConstant(v) {
							wrong = append(wrong, fmt.Sprintf("%s:%d has the variable %s", s.path, s.line(v), v.Names[0].Name))
						}
					}
				}
				return wrong
			})
		},
		broken: []files{
			{"a/a.go": "package a\nvar list []string"},
			{"a/a.go": "package a\nvar list = []string{}"},
			{"a/a.go": "package a\nvar (\n\terrGone = errors.New(\"gone\")\n\tn int\n)"},
			{"a/a.go": "package a\nvar errLast error"},
			{"a/a.go": "package a\nvar errGone = fmt.Errorf(\"gone\")"},
			{"a/a.go": "package a\nvar all = [...]*T{{}, {}}"},
			{"localcluster/a.go": "package a\nvar m = map[string]int{}"},
		},
		kept: []files{
			{"a/a.go": "package a\nvar list = [...]string{\"a\"}\nfunc f() { var n int }"},
			{"a/a.go": "package a\nvar ErrGone = errors.New(\"gone\")"},
			{"a/a.go": "package a\nvar _ fmt.Stringer = T{}\nvar (\n\t_ I = A{}\n\t_ I = B{}\n)"},
			{"a/a.go": "package a\n//go:embed page.html\nvar page string"},
			{"a/a_test.go": "package a\nvar update = flag.Bool(\"update\", false, \"\")"},
		},
	}
}

// isEmbedded reports whether the variable is the content of files.
func isEmbedded(d *ast.GenDecl) bool {
	if d.Doc == nil {
		return false
	}
	last := d.Doc.List[len(d.Doc.List)-1].Text
	return strings.HasPrefix(last, "//go:embed ")
}

// isConstant reports whether the variable is written _ = , errors.New( ) or [...]T{ }, where T is no pointer.
func isConstant(v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" {
		return true
	}
	if len(v.Values) != 1 {
		return false
	}
	switch value := v.Values[0].(type) {
	case *ast.CallExpr:
		return calls(value.Fun, "errors.New")
	case *ast.CompositeLit:
		array, ok := value.Type.(*ast.ArrayType)
		if !ok || array.Len == nil {
			return false
		}
		_, isPointer := array.Elt.(*ast.StarExpr)
		return !isPointer
	}
	return false
}
