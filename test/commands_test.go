package test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// ours is the page that lists the program's commands and flags. It is made by the program.
const ours = "docs/command-line.md"

// foreignFlags are those of other programs that pages speak of without naming the program beside them.
func foreignFlags() map[string]string {
	return map[string]string{
		"--wait": "helm", "--api-versions": "helm", "--tls-sni-cert-key": "kube-controller-manager", "--tls-curve-preferences": "kube-controller-manager",
		"--concurrent-greeter-syncs": "test/outoftree",
	}
}

// ownPages are about programs with flags of their own.
func ownPages() []string { return []string{ours, "localcluster/README.md"} }

var (
	flagName    = regexp.MustCompile(`(?:^|[\s"'\[(=])(--[a-z][a-z0-9-]*[a-z0-9])([^a-z0-9-…]|$)`)
	assignment  = regexp.MustCompile(`^\w+=\$\(`)
	flagHelp    = regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[a-z0-9-]+)`)
	commandHelp = regexp.MustCompile(`(?m)^  ([a-z-]+) +[A-Z]`)
	makeTarget  = regexp.MustCompile(`(?m)^([a-z0-9-]+):`)
)

// program returns the program that code calls, without its folder, and its first argument; "" where code begins with a flag.
func program(code string) (name, argument string) {
	words := strings.Fields(assignment.ReplaceAllString(strings.TrimPrefix(strings.TrimSpace(code), "$ "), ""))
	if len(words) == 0 || strings.HasPrefix(words[0], "-") {
		return "", ""
	}
	words = append(words, "")
	return path.Base(words[0]), words[1]
}

func flagsExist() convention {
	return convention{
		name:   "each flag that the documentation names exists",
		reason: "a flag that is gone from the program lives on in what people copy",
		violations: func(t tree) []string {
			known := foreignFlags()
			for _, match := range flagHelp.FindAllStringSubmatch(t.files[ours], -1) {
				known[match[1]] = programName
			}
			return t.eachCode(func(code string) []string {
				var wrong []string
				if name, _ := program(code); name != "" && name != programName && regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(name) {
					return nil // somebody else's, or a sentence
				}
				for _, match := range flagName.FindAllStringSubmatch(code, -1) {
					if known[match[1]] == "" {
						wrong = append(wrong, fmt.Sprintf("%s in %q", match[1], code))
					}
				}
				return wrong
			})
		},
		broken: []files{
			naming("`--foo`"), naming("`--foo=1`, `--bar`"), naming("`x=$(wheelhouse --foo)`"), naming("`wheelhouse status --foo`"), naming("```\n$ bin/wheelhouse \\\n  --foo\n```"),
			naming("    - --foo=1"), naming("```yaml\nextraArgs: [--foo=3]\n```"),
		},
		kept: []files{
			naming("`--bar`, `--bar=1`, `helm --foo`, `--ba…`"), naming("```\nkubectl get pods \\\n  --foo\nx=$(kubectl --foo)\n```"), naming("extraArgs: `[--bar=3]`"),
		},
	}
}

func commandsExist() convention {
	return convention{
		name:   "each command of the program that the documentation names exists",
		reason: "what a reader is told to type has to work",
		violations: func(t tree) []string {
			known := []string{""}
			for _, match := range commandHelp.FindAllStringSubmatch(t.files[ours], -1) {
				known = append(known, match[1])
			}
			return t.eachCode(func(code string) []string {
				name, argument := program(code)
				if name == programName && !strings.HasPrefix(argument, "-") && !slices.Contains(known, argument) {
					return []string{fmt.Sprintf("there is no command %q in %q", argument, code)}
				}
				return nil
			})
		},
		broken: []files{naming("`wheelhouse stats`"), naming("```\n$ bin/wheelhouse stats -o json\n```")},
		kept:   []files{naming("`wheelhouse status`, `wheelhouse`, `wheelhouse --bar`"), naming("```\nhelm install wheelhouse charts\n```")},
	}
}

func targetsExist() convention {
	return convention{
		name:   "each target of make that the documentation names exists",
		reason: "what a reader is told to type has to work",
		violations: func(t tree) []string {
			known := []string{""}
			for _, match := range makeTarget.FindAllStringSubmatch(t.files["Makefile"], -1) {
				known = append(known, match[1])
			}
			return t.eachCode(func(code string) []string {
				if name, target := program(code); name == "make" && !slices.Contains(known, target) {
					return []string{fmt.Sprintf("there is no target %q in %q", target, code)}
				}
				return nil
			})
		},
		broken: []files{{"a.md": "`make love`", "Makefile": "test:\n"}},
		kept:   []files{{"a.md": "`make test`, `make`", "Makefile": "test: verify\n"}},
	}
}

const programName = "wheelhouse"

// naming is a tree of a page, beside the list of what there is.
func naming(text string) files {
	return files{"docs/a.md": text, ours: "```\n  status   Shows.\n\n      --bar int   Does.\n```"}
}

// eachCode returns what find finds in the code of each page.
func (t tree) eachCode(find func(string) []string) []string {
	var found []string
	for _, p := range t.pages() {
		if slices.Contains(ownPages(), p.path) {
			continue
		}
		for _, code := range p.code {
			for _, problem := range find(code) {
				found = append(found, p.path+": "+problem)
			}
		}
	}
	return found
}
