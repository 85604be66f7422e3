package test

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// row says which of our packages a package may import.
type row struct {
	imports []string
	reason  string
}

// rows returns the table of who may import whom. "controllers/*" is any controller: a folder in controllers without a row of its
// own.
func rows() map[string]row {
	return map[string]row{
		"controllers":                 {nil, "the contract stands on nothing, so that whoever writes a controller needs nothing else"},
		"controllers/worker":          {nil, "it serves any controller, those of others included"},
		"controllers/internal":        {[]string{"controllers/internal"}, "it holds decisions that controllers share, and knows none of them"},
		"controllers/internal/canary": {[]string{"controllers"}, "it is a part of the contract that controllers of the same API group keep alike"},
		"controllers/internal/stage":  {[]string{"controllers"}, "it is a host for the tests of any controller of ours"},
		"controllers/internal/simulation/together": {[]string{"controllers/internal", "controllers/*", "controllers/worker"},
			"it holds tests alone, of what two controllers that don't know each other do to the same objects"},
		"controllers/*":              {[]string{"controllers", "controllers/worker", "controllers/internal", "controllers/internal/canary"}, "controllers don't know each other, nor their host"},
		"controllers/builtin":        {[]string{"controllers", "controllers/*"}, "it is the list, and nothing but the list"},
		"controllers/controllertest": {[]string{"controllers", "controllers/worker"}, "authors elsewhere use it, without our controllers"},
		"leaderelection":             {nil, "it elects any process"},
		"metrics":                    {nil, "it measures any process"},
		"serving":                    {nil, "it serves any process"},
		"manager":                    {[]string{"controllers", "controllers/worker", "metrics"}, "it hosts controllers that it doesn't know"},
		"status":                     {[]string{"controllers/worker", "manager"}, "it tells of what any manager hosts, and knows nothing of how that was wired"},
		"status/pages":               {[]string{"controllers/worker", "manager", "status"}, "it shows what status tells, and asks nobody else"},
		"cmd/wheelhouse": {[]string{"controllers", "controllers/builtin", "cmd/wheelhouse/app"},
			"main chooses the controllers and leaves the rest to the app"},
		"cmd/wheelhouse/app": {[]string{"controllers", "controllers/worker", "leaderelection", "manager", "metrics", "serving", "status", "status/pages"},
			"a main of somebody else's brings its own controllers, and must not get ours with the app"},
		"test": {[]string{"controllers", "controllers/builtin", "test"}, "tests drive the built program from outside"},
	}
}

// rowOf returns the name of the row that holds for the folder, or "".
func rowOf(folder string) string {
	_, known := rows()[folder]
	switch {
	case known:
		return folder
	case under(folder, "controllers/internal"):
		return "controllers/internal"
	case under(folder, "test"):
		return "test"
	case path.Dir(folder) == "controllers":
		return "controllers/*"
	}
	return ""
}

func under(name, prefix string) bool {
	return name == prefix || strings.HasPrefix(name, prefix+"/")
}

func imports(s source) []string {
	list := make([]string, 0, len(s.file.Imports))
	for _, spec := range s.file.Imports {
		list = append(list, strings.Trim(spec.Path.Value, `"`))
	}
	return list
}

// wrongImports returns which of our packages the source imports though neither its row nor the further ones allow it.
func wrongImports(s source, further ...string) []string {
	var wrong []string
	for _, imported := range imports(s) {
		ours, isOurs := strings.CutPrefix(imported, module+"/")
		if !isOurs {
			continue
		}
		r := rows()[rowOf(s.folder)]
		if !slices.Contains(append(r.imports, further...), rowOf(ours)) {
			wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", s.path, ours, r.reason))
		}
	}
	return wrong
}

func ourImports() convention {
	return convention{
		name:   "packages import only what the table of imports allows",
		reason: "packages that know little can be used, tested and understood alone; a new package needs a row in the table",
		violations: func(t tree) []string {
			return t.each(func(s source) []string {
				switch {
				case s.module != ".":
					return nil
				case rowOf(s.folder) == "":
					return []string{s.path + " is in a folder that the table of imports doesn't know"}
				case s.isTest():
					return nil
				}
				return wrongImports(s)
			})
		},
		broken: []files{
			importing("controllers/podsync/a.go", module+"/controllers/replicaset"),
			importing("controllers/podsync/a.go", module+"/manager"),
			importing("controllers/worker/a.go", module+"/controllers"),
			importing("controllers/internal/podfacts/a.go", module+"/controllers/podsync"),
			importing("controllers/internal/simulation/a.go", module+"/controllers/podsync"),
			importing("controllers/podsync/a.go", module+"/controllers/internal/stage"),
			importing("cmd/wheelhouse/app/a.go", module+"/controllers/builtin"),
			importing("cmd/wheelhouse/app/a.go", module+"/test/cluster"),
			importing("manager/a.go", module+"/leaderelection"),
			importing("status/a.go", module+"/leaderelection"),
			importing("status/a.go", module+"/status/pages"),
			importing("metrics/a.go", module+"/localcluster/internal/ports"),
			importing("unheardof/a.go", "fmt"),
			importing("controllers/podsync/further/a.go", "fmt"),
		},
		kept: []files{
			importing("controllers/podsync/a.go", module+"/controllers/worker"),
			importing("controllers/builtin/a.go", module+"/controllers/yetanother"),
			importing("controllers/internal/podfacts/a.go", module+"/controllers/internal/ownership"),
			importing("controllers/internal/simulation/together/a.go", module+"/controllers/podsync"),
			importing("test/integration/a.go", module+"/test/cluster"),
			{"tools/go.mod": "module tools", "tools/a.go": "package a\nimport \"" + module + "/manager\""},
		},
	}
}

func testImports() convention {
	return convention{
		name:   "tests import their own package, what it may import, and what puts controllers to the test",
		reason: "a test that needs more than its package may know tests more than its package, and belongs into test",
		violations: func(t tree) []string {
			return t.each(func(s source) []string {
				if s.module != "." || !s.isTest() {
					return nil
				}
				return wrongImports(s, rowOf(s.folder), "controllers/controllertest", "controllers/internal/stage")
			})
		},
		broken: []files{
			importing("leaderelection/a_test.go", module+"/manager"),
			importing("controllers/select_test.go", module+"/controllers/builtin"),
		},
		kept: []files{
			importing("manager/a_test.go", module+"/manager"),
			importing("controllers/podsync/a_test.go", module+"/controllers/controllertest"),
			importing("controllers/podsync/a_test.go", module+"/controllers/internal/stage"),
		},
	}
}

// importing is a tree of one file that imports one package.
func importing(name, imported string) files {
	return files{name: fmt.Sprintf("package p\nimport %q", imported)}
}
