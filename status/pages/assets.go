package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var assetFiles embed.FS

const assetsPath = "/assets/"

// assets are files that don't change while the process lives. Their paths hold a hash of what they are, so that a browser may keep them
// for good and still never shows the page of one version in the style of another.
type assets struct {
	paths map[string]string // by name
	files map[string][]byte // by path
}

func newAssets() (assets, error) {
	a := assets{paths: map[string]string{}, files: map[string][]byte{}}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return a, fmt.Errorf("list the embedded files: %w", err)
	}
	for _, entry := range entries {
		content, err := assetFiles.ReadFile("assets/" + entry.Name())
		if err != nil {
			return a, fmt.Errorf("read the embedded file %s: %w", entry.Name(), err)
		}
		hash := sha256.Sum256(content)
		extension := path.Ext(entry.Name())
		at := assetsPath + strings.TrimSuffix(entry.Name(), extension) + "-" + hex.EncodeToString(hash[:6]) + extension
		a.paths[entry.Name()], a.files[at] = at, content
	}
	return a, nil
}

// path returns where the file with this name is answered.
func (a assets) path(name string) string { return a.paths[name] }

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	content, found := a.files[r.URL.Path]
	if !found {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(r.URL.Path)))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
