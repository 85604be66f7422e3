package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// document is a list of what is inside, as SPDX 2.3 writes it (https://spdx.github.io/spdx-spec/v2.3/).
type document struct {
	ID            string         `json:"SPDXID"`
	Version       string         `json:"spdxVersion"`
	License       string         `json:"dataLicense"`
	Name          string         `json:"name"`
	Namespace     string         `json:"documentNamespace"`
	Creation      creation       `json:"creationInfo"`
	Packages      []pkg          `json:"packages"`
	Relationships []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type pkg struct {
	ID        string      `json:"SPDXID"`
	Name      string      `json:"name"`
	Version   string      `json:"versionInfo,omitempty"`
	Download  string      `json:"downloadLocation"`
	Analyzed  bool        `json:"filesAnalyzed"`
	Concluded string      `json:"licenseConcluded"`
	Declared  string      `json:"licenseDeclared"`
	Copyright string      `json:"copyrightText"`
	Checksums []checksum  `json:"checksums,omitempty"`
	Refs      []reference `json:"externalRefs,omitempty"`
}

type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type reference struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

// noAssertion is how SPDX says that nothing is said.
const noAssertion = "NOASSERTION"

// writeSBOM lists the modules that the linker put into the programs: what is read from them, not what go.mod allows.
func (o options) writeSBOM(programs []program, digest v1.Hash) error {
	image := describe(pkg{ID: "SPDXRef-Image", Name: o.Name, Version: o.Version, Checksums: []checksum{{"SHA256", digest.Hex}}})
	d := document{
		ID: "SPDXRef-DOCUMENT", Version: "SPDX-2.3", License: "CC0-1.0", Name: o.Name,
		Namespace:     "https://github.com/6ead2ce0/wheelhouse/spdx/" + digest.Hex,
		Creation:      creation{Created: o.Created.Format(time.RFC3339), Creators: []string{"Tool: wheelhouse tools/image"}},
		Packages:      []pkg{image},
		Relationships: []relationship{{"SPDXRef-DOCUMENT", "DESCRIBES", image.ID}},
	}
	for _, p := range programs {
		info, err := buildinfo.ReadFile(p.path)
		if err != nil {
			return fmt.Errorf("read what is in %s: %w", p.path, err)
		}
		d.add(image.ID, o, info)
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.SBOM, append(text, '\n'), 0o600)
}

// add lists the modules of a program that no other has brought.
func (d *document) add(image string, o options, info *buildinfo.BuildInfo) {
	modules := append([]*debug.Module{{Path: info.Main.Path, Version: o.Version}, {Path: "std", Version: info.GoVersion}}, info.Deps...)
	for _, m := range modules {
		p := module(m)
		if slices.ContainsFunc(d.Packages, func(other pkg) bool { return other.ID == p.ID }) {
			continue
		}
		d.Packages = append(d.Packages, p)
		d.Relationships = append(d.Relationships, relationship{image, "CONTAINS", p.ID})
	}
}

func module(m *debug.Module) pkg {
	if m.Replace != nil {
		m = m.Replace
	}
	return describe(pkg{
		ID: "SPDXRef-Module-" + identifier(m.Path), Name: m.Path, Version: m.Version,
		Refs: []reference{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + m.Path + "@" + m.Version}},
	})
}

func describe(p pkg) pkg {
	p.Download, p.Concluded, p.Declared, p.Copyright = noAssertion, noAssertion, noAssertion, noAssertion
	return p
}

// identifier leaves what SPDX takes in one.
func identifier(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, text)
}
