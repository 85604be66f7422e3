package test

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

func packageComments() convention {
	return convention{
		name:   "each folder has one package comment, which begins with what it is about",
		reason: "readers look in one place for what a package does, and go doc shows the first sentence",
		violations: func(t tree) []string {
			var wrong []string
			folders := t.documented()
			for _, folder := range slices.Sorted(maps.Keys(folders)) {
				comments := folders[folder]
				if len(comments) != 1 {
					wrong = append(wrong, fmt.Sprintf("%s has %d package comments, want 1", folder, len(comments)))
					continue
				}
				if c := comments[0]; !strings.HasPrefix(c.text, c.want) {
					wrong = append(wrong, fmt.Sprintf("the comment of %s begins %.30q, want %q", folder, c.text, c.want))
				}
			}
			return wrong
		},
		broken: []files{
			{"a/a.go": "package a"},
			{"a/a.go": "// Package a is.\npackage a", "a/b.go": "// Package a is.\npackage a"},
			{"a/a.go": "// Package b is.\npackage a"},
			{"a/a.go": "// The package a is.\npackage a"},
			{"cmd/x/main.go": "// Package main is.\npackage main"},
			{"a/a_test.go": "package a"},
			{"a/a.go": "package a", "a/a_test.go": "// Package a is.\npackage a"},
		},
		kept: []files{
			{"a/a.go": "// Package a is.\npackage a", "a/b.go": "package a", "a/a_test.go": "package a_test"},
			{"a/a.go": "//go:build linux\n\npackage a", "a/doc.go": "// Package a is.\npackage a"},
			{"cmd/x/main.go": "// Command x does.\npackage main"},
			{"a/a_test.go": "// Package a is.\npackage a", "a/b_test.go": "package a"},
		},
	}
}

// comment is a package comment, and what it should begin with.
type comment struct{ text, want string }

// documented returns the package comments of each folder. Test files count where there are no others.
func (t tree) documented() map[string][]comment {
	tested, comments := map[string][]comment{}, map[string][]comment{}
	for _, s := range t.sources {
		into := comments
		if s.isTest() {
			into = tested
		}
		into[s.folder] = append(into[s.folder], s.comment()...)
	}
	for folder := range tested {
		if _, ok := comments[folder]; !ok {
			comments[folder] = tested[folder]
		}
	}
	return comments
}

func (s source) comment() []comment {
	if s.file.Doc == nil {
		return nil
	}
	want := "Package " + s.file.Name.Name + " "
	if s.file.Name.Name == "main" {
		want = "Command " + path.Base(s.folder) + " "
	}
	return []comment{{text: s.file.Doc.Text(), want: want}}
}
