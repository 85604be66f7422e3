package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// packed packs the test's own program as if it were built for two platforms.
func packed(t *testing.T) options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o := options{
		Name: "wheelhouse:dev", Version: "v1.2.3", Revision: "abc", Created: time.Unix(1700000000, 0).UTC(),
		Out: filepath.Join(dir, "image.tar"), SBOM: filepath.Join(dir, "image.spdx.json"),
		Programs: []string{"linux/amd64=" + self, "linux/arm64=" + self},
	}
	if err := o.pack(); err != nil {
		t.Fatal(err)
	}
	return o
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// unpack returns the folder of what is in an archive.
func unpack(t *testing.T, archive io.Reader) string {
	t.Helper()
	dir, r := t.TempDir(), tar.NewReader(archive)
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		if !header.ModTime.Equal(time.Unix(0, 0)) || header.Uid != 0 || header.Uname != "" {
			t.Errorf("%s has a date or an owner: %v %d %q", header.Name, header.ModTime, header.Uid, header.Uname)
		}
		path := filepath.Join(dir, header.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSameBytesEachTime(t *testing.T) {
	first, second := packed(t), packed(t)
	if !bytes.Equal(read(t, first.Out), read(t, second.Out)) {
		t.Error("two archives of the same program differ")
	}
	if !bytes.Equal(read(t, first.SBOM), read(t, second.SBOM)) {
		t.Error("two SBOMs of the same program differ")
	}
}

// images returns the index of the layout, and the images in it.
func images(t *testing.T, dir string) (v1.Descriptor, v1.ImageIndex, []v1.Image) {
	t.Helper()
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("the layout has %v, want one index; %v", manifest, err)
	}
	inner, err := index.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	platforms, err := inner.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var list []v1.Image
	for _, d := range platforms.Manifests {
		image, err := inner.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, image)
	}
	return manifest.Manifests[0], inner, list
}

func TestArchiveIsAnOCILayout(t *testing.T) {
	named, index, list := images(t, unpack(t, bytes.NewReader(read(t, packed(t).Out))))
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	if got := named.Annotations["io.containerd.image.name"]; got != "docker.io/library/wheelhouse:dev" {
		t.Errorf("containerd would call it %q", got)
	}
	if got := named.Annotations["org.opencontainers.image.ref.name"]; got != "dev" {
		t.Errorf("its tag is %q", got)
	}
	var platforms []string
	for _, image := range list {
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		platforms = append(platforms, config.Platform().String())
		if config.Config.User != "65532:65532" || !slices.Equal(config.Config.Entrypoint, []string{"/wheelhouse"}) {
			t.Errorf("it runs %q as %q", config.Config.Entrypoint, config.Config.User)
		}
		holdsTheProgramAlone(t, image)
	}
	if !slices.Equal(platforms, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("platforms %q", platforms)
	}
}

func holdsTheProgramAlone(t *testing.T, image v1.Image) {
	t.Helper()
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, want one; %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	entries, err := os.ReadDir(unpack(t, content))
	if err != nil || len(entries) != 1 || entries[0].Name() != "wheelhouse" {
		t.Errorf("the image holds %v; %v", entries, err)
	}
}

func TestArchiveIsDockersToo(t *testing.T) {
	image, err := tarball.ImageFromPath(packed(t).Out, nil)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if got := config.Platform().String(); got != "linux/amd64" {
		t.Errorf("Docker gets the image for %s, want that of the first platform", got)
	}
	holdsTheProgramAlone(t, image)
}

func TestSBOM(t *testing.T) {
	var d document
	if err := json.Unmarshal(read(t, packed(t).SBOM), &d); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, p := range d.Packages {
		if _, twice := names[p.Name]; twice {
			t.Errorf("%s is listed twice", p.Name)
		}
		names[p.Name] = p.Version
	}
	for _, want := range []string{"wheelhouse:dev", "std", "github.com/google/go-containerregistry"} {
		if names[want] == "" {
			t.Errorf("%s is not listed, or has no version", want)
		}
	}
	if len(d.Relationships) != len(d.Packages) {
		t.Errorf("%d relationships of %d packages", len(d.Relationships), len(d.Packages))
	}
}

func TestQualified(t *testing.T) {
	for name, want := range map[string]string{
		"wheelhouse:dev":       "docker.io/library/wheelhouse:dev",
		"team/wheelhouse:dev":  "docker.io/team/wheelhouse:dev",
		"r.example.com/a:1":    "r.example.com/a:1",
		"localhost/a:1":        "localhost/a:1",
		"localhost:5000/a/b:1": "localhost:5000/a/b:1",
	} {
		if got := qualified(name); got != want {
			t.Errorf("qualified(%s) = %s, want %s", name, got, want)
		}
		if got, want := tagOf(name), name[strings.LastIndex(name, ":")+1:]; got != want {
			t.Errorf("tagOf(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"--name=a:b"}, {"--name=a:b", "--out=x", "--sbom=y", "linux=z"}, {"--name=a:b", "--out=x", "--sbom=y", "linux/amd64=/nowhere"}} {
		if err := run(args); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
