package main

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// writeArchive writes the archive and returns the digest of the index of its images.
func (o options) writeArchive(images []v1.Image) (v1.Hash, error) {
	dir, err := os.MkdirTemp("", "image-")
	if err != nil {
		return v1.Hash{}, err
	}
	defer os.RemoveAll(dir)
	digest, err := o.writeLayout(dir, images)
	if err != nil {
		return v1.Hash{}, fmt.Errorf("write the OCI layout: %w", err)
	}
	if err := o.writeDockerList(filepath.Join(dir, "manifest.json"), images[0]); err != nil {
		return v1.Hash{}, fmt.Errorf("write the list for Docker: %w", err)
	}
	if err := archiveOf(dir, o.Out); err != nil {
		return v1.Hash{}, fmt.Errorf("write %s: %w", o.Out, err)
	}
	return digest, nil
}

func (o options) writeLayout(dir string, images []v1.Image) (v1.Hash, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, image := range images {
		config, err := image.ConfigFile()
		if err != nil {
			return v1.Hash{}, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: config.Platform()}})
	}
	digest, err := index.Digest()
	if err != nil {
		return v1.Hash{}, err
	}
	written, err := layout.Write(dir, empty.Index)
	if err != nil {
		return v1.Hash{}, err
	}
	return digest, written.AppendIndex(index, layout.WithAnnotations(o.annotations()))
}

// annotations name the image: in full for containerd, by its tag for the OCI's tools.
func (o options) annotations() map[string]string {
	return map[string]string{
		"io.containerd.image.name":          qualified(o.Name),
		"org.opencontainers.image.ref.name": tagOf(o.Name),
	}
}

// qualified returns the name with the registry that Docker and containerd suppose where there is none. What comes before the first slash
// is a registry if it has a dot or a port.
func qualified(name string) string {
	first, _, ok := strings.Cut(name, "/")
	switch {
	case !ok:
		return "docker.io/library/" + name
	case strings.ContainsAny(first, ".:") || first == "localhost":
		return name
	}
	return "docker.io/" + name
}

func tagOf(name string) string {
	_, tag, _ := strings.Cut(path.Base(name), ":")
	return tag
}

// writeDockerList writes what Docker without containerd's store reads; it knows one platform.
func (o options) writeDockerList(name string, image v1.Image) error {
	manifest, err := image.Manifest()
	if err != nil {
		return err
	}
	entry := struct {
		Config   string
		RepoTags []string
		Layers   []string
	}{Config: blob(manifest.Config.Digest), RepoTags: []string{o.Name}}
	for _, l := range manifest.Layers {
		entry.Layers = append(entry.Layers, blob(l.Digest))
	}
	text, err := json.Marshal([]any{entry})
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
}

func blob(digest v1.Hash) string { return path.Join("blobs", digest.Algorithm, digest.Hex) }

// archiveOf packs a folder: sorted, and with neither dates nor owners.
func archiveOf(dir, out string) (err error) {
	file, err := os.Create(out) //nolint:gosec // the caller says where
	if err != nil {
		return err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	w := tar.NewWriter(file)
	// WalkDir goes in the order of the names.
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name) //nolint:gosec // it is in a folder that this program has made
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return add(w, filepath.ToSlash(relative), text, 0o644)
	})
	if err != nil {
		return err
	}
	return w.Close()
}

func add(w *tar.Writer, name string, text []byte, mode int64) error {
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(text)), Format: tar.FormatUSTAR}
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	_, err := w.Write(text)
	return err
}
