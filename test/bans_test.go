package test

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
)

const templates = "it finds methods by names that the linker doesn't know, which then drops none: 26 MB more for every process to map"

// banned are imports that nobody in the root module may have.
func banned() map[string]string {
	return map[string]string{
		"k8s.io/kubernetes":               "it is no library: requiring it needs twenty replacements in every go.mod above ours",
		"sigs.k8s.io/controller-runtime":  "it is another host of controllers",
		"k8s.io/apiserver":                "servers run as programs of their own, even in tests",
		"go.etcd.io/etcd":                 "servers run as programs of their own, even in tests",
		"sigs.k8s.io/kwok":                "servers run as programs of their own, even in tests",
		"github.com/stretchr/testify":     "tests compare with cmp.Diff and say what they want in words",
		"github.com/onsi":                 "tests compare with cmp.Diff and say what they want in words",
		"gotest.tools":                    "tests compare with cmp.Diff and say what they want in words",
		"k8s.io/klog":                     "log with the zap.Logger that is handed in",
		"k8s.io/component-base/metrics":   "its registry is global",
		"k8s.io/client-go/tools/metrics":  "it is global, and belongs to whoever is first in the process",
		"k8s.io/client-go/util/workqueue": "use controllers/worker, whose queue is fair and survives a term",
		"text/template":                   templates,
		"html/template":                   templates,
	}
}

// mayImport says who may import what is banned for others.
func mayImport(s source, prefix string) bool {
	switch prefix {
	case "k8s.io/klog":
		// The first sends what libraries log there into our log, the second shows what they don't log.
		return s.folder == "cmd/wheelhouse/app" || s.path == "serving/unlogged_test.go"
	case "k8s.io/apiserver":
		return s.folder == "serving" // asks the API server who somebody is; its narrow packages, without etcd, gRPC and CEL
	case "k8s.io/client-go/util/workqueue":
		return s.isTest() // to compare ours with
	case "text/template", "html/template":
		return s.isTest() || under(s.folder, "test") // which are in no process of anybody's
	}
	return false
}

func bannedImports() convention {
	return convention{
		name:   "nothing imports what is banned",
		reason: "whoever imports us gets all that we import",
		violations: func(t tree) []string {
			return t.each(func(s source) []string {
				var wrong []string
				for _, imported := range imports(s) {
					for _, prefix := range slices.Sorted(maps.Keys(banned())) {
						if s.module == "." && under(imported, prefix) && !mayImport(s, prefix) {
							wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", s.path, imported, banned()[prefix]))
						}
					}
				}
				return wrong
			})
		},
		broken: []files{
			importing("manager/a.go", "k8s.io/kubernetes/pkg/controller"),
			importing("manager/a_test.go", "github.com/stretchr/testify"),
			importing("manager/a.go", "k8s.io/klog/v2"),
			importing("metrics/a.go", "k8s.io/apiserver/pkg/server"),
			importing("manager/a.go", "k8s.io/client-go/util/workqueue"),
			importing("status/pages/a.go", "html/template"),
			importing("cmd/wheelhouse/app/a.go", "text/template"),
		},
		kept: []files{
			importing("cmd/wheelhouse/app/a.go", "k8s.io/klog/v2"),
			importing("serving/a.go", "k8s.io/apiserver/pkg/authentication/user"),
			importing("manager/a_test.go", "k8s.io/client-go/util/workqueue"),
			importing("manager/a_test.go", "text/template"),
			importing("manager/a.go", "k8s.io/kubernetesque"),
		},
	}
}

func importNames() convention {
	return convention{
		name:   "imports are neither blank nor dotted",
		reason: "nothing happens at import, and a name says where it comes from",
		violations: func(t tree) []string {
			return t.each(func(s source) []string {
				var wrong []string
				for _, spec := range s.file.Imports {
					if spec.Name != nil && (spec.Name.Name == "." || spec.Name.Name == "_" && !needsBlank(s, spec)) {
						wrong = append(wrong, fmt.Sprintf("%s:%d imports %s as %s", s.path, s.line(spec), spec.Path.Value, spec.Name))
					}
				}
				return wrong
			})
		},
		broken: []files{
			{"a/a.go": `package a; import . "fmt"`},
			{"a/a_test.go": `package a; import . "fmt"`},
			{"localcluster/a.go": `package a; import _ "net/http/pprof"`},
			{"a/a.go": `package a; import _ "k8s.io/component-base/logs/json/register"`},
		},
		kept: []files{
			{"a/a.go": `package a; import _ "embed"`},
			{"localcluster/a.go": `package a; import _ "k8s.io/component-base/logs/json/register"`},
			{"a/a.go": `package a; import format "fmt"`},
		},
	}
}

// needsBlank reports whether what is imported can't be had by its name: embedded files, and what kube-apiserver, which
// localcluster is built of, registers at import.
func needsBlank(s source, spec *ast.ImportSpec) bool {
	imported := strings.Trim(spec.Path.Value, `"`)
	return imported == "embed" || under(s.folder, "localcluster") && under(imported, "k8s.io/component-base")
}
