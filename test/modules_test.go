package test

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

func modulesAreFew() convention {
	return convention{
		name:   "only localcluster, tools, test/bench, test/browser and test/outoftree are modules of their own",
		reason: "a module is something that others can require apart, with a version of its own to keep",
		violations: func(t tree) []string {
			var wrong []string
			for _, name := range slices.Sorted(maps.Keys(t.files)) {
				known := []string{".", "localcluster", "tools", "test/bench", "test/browser", "test/outoftree"}
				if path.Base(name) == "go.mod" && !slices.Contains(known, path.Dir(name)) {
					wrong = append(wrong, name+" makes one more module")
				}
			}
			return wrong
		},
		broken: []files{{"manager/go.mod": "module manager"}},
		kept:   []files{{"go.mod": "module m", "tools/go.mod": "module tools"}},
	}
}

// requirement matches a line of go.mod that requires or replaces a module.
const requirement = `(?m)^(?:require|\t|replace)\s*([\w.-]+/\S+) `

func rootRequiresLittle() convention {
	return convention{
		name:   "the root go.mod requires nothing that is banned, and replaces nothing",
		reason: "whoever imports us gets all that we require; replacements they don't get, and build something else than we do",
		violations: func(t tree) []string {
			var wrong []string
			for _, match := range regexp.MustCompile(requirement).FindAllStringSubmatch(t.files["go.mod"], -1) {
				for _, prefix := range []string{"k8s.io/kubernetes", "sigs.k8s.io/controller-runtime", "go.etcd.io/etcd", "sigs.k8s.io/kwok"} {
					if under(match[1], prefix) {
						wrong = append(wrong, fmt.Sprintf("go.mod requires %s: %s", match[1], banned()[prefix]))
					}
				}
			}
			if strings.Contains(t.files["go.mod"], "\nreplace ") {
				wrong = append(wrong, "go.mod replaces a module")
			}
			return wrong
		},
		broken: []files{
			{"go.mod": "module m\n\nrequire k8s.io/kubernetes v1.37.0\n"},
			{"go.mod": "module m\n\nrequire (\n\tk8s.io/api v0.37.0\n\tsigs.k8s.io/controller-runtime v0.20.0 // indirect\n)\n"},
			{"go.mod": "module m\n\nreplace k8s.io/api => ../api\n"},
			{"go.mod": "module m\n\nreplace (\n\tk8s.io/api => ../api\n)\n"},
		},
		kept: []files{
			{"go.mod": "module m\n\nrequire (\n\tk8s.io/api v0.37.0\n\tk8s.io/kube-openapi v0.1.0\n)\n"},
			{"go.mod": "module m\n", "localcluster/go.mod": "module l\n\nrequire k8s.io/kubernetes v1.37.0\n"},
		},
	}
}

func noRegistry() convention {
	registries := []string{"proxy.golang." + "org", "registry.npmjs." + "org", "deb.debian." + "org"}
	return convention{
		name:   "no file names the host of a package registry",
		reason: "where packages come from is for each machine to say: many reach them through mirrors only",
		violations: func(t tree) []string {
			var wrong []string
			for _, name := range slices.Sorted(maps.Keys(t.files)) {
				for _, host := range registries {
					if strings.Contains(t.files[name], host) {
						wrong = append(wrong, fmt.Sprintf("%s names %s", name, host))
					}
				}
			}
			return wrong
		},
		broken: []files{{".ci/run": "GOPROXY=https://" + registries[0]}, {"web/.npmrc": "registry=https://" + registries[1]}},
		kept:   []files{{"README.md": "see https://golang.org"}},
	}
}
