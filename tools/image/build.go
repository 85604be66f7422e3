package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	// user is whom the program runs as: nobody in particular, by number, so that Kubernetes can see that it isn't root.
	user = "65532:65532"
	// inside is the program's path in the image.
	inside = "wheelhouse"
)

// images makes an image for each program.
func (o options) images(programs []program) ([]v1.Image, error) {
	var list []v1.Image
	for _, p := range programs {
		image, err := o.image(p)
		if err != nil {
			return nil, fmt.Errorf("make the image for %s/%s: %w", p.os, p.arch, err)
		}
		list = append(list, image)
	}
	return list, nil
}

func (o options) image(p program) (v1.Image, error) {
	content, err := layer(p.path)
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.Append(base, mutate.Addendum{
		Layer: content, MediaType: types.OCILayer,
		History: v1.History{Created: v1.Time{Time: o.Created}, CreatedBy: "make image", Comment: "the program"},
	})
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = p.os, p.arch, v1.Time{Time: o.Created}
	config.Config = v1.Config{
		User: user, Entrypoint: []string{"/" + inside}, WorkingDir: "/",
		Env:    []string{"PATH=/"}, // for `kubectl exec POD -- wheelhouse status`
		Labels: o.labels(),
	}
	return mutate.ConfigFile(image, config)
}

func (o options) labels() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":    "wheelhouse",
		"org.opencontainers.image.source":   "https://github.com/6ead2ce0/wheelhouse",
		"org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.version":  o.Version,
		"org.opencontainers.image.revision": o.Revision,
	}
}

// layer holds one file, of no date: a commit that leaves the program as it is leaves the layer as it is.
func layer(path string) (v1.Layer, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the caller says which
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := add(w, inside, text, 0o755); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}
