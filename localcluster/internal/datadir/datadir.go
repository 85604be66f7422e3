// Package datadir owns the folder of a cluster: where each thing lies in it, that it is ours, and that one process uses it.
package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// marker is the file that tells a folder of ours from any other; its content is the version of the layout.
const (
	marker        = "localcluster"
	layoutVersion = "1"
)

// Dir is an opened folder, locked until Close.
type Dir struct {
	root string
	lock *os.File
}

// Open makes the folder or checks that it is ours, and locks it. The error names the folder and what is wrong with it.
func Open(path string) (*Dir, error) {
	root, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("--dir %s: %w", path, err)
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("--dir %s: %w", path, err)
	}
	if err := claim(root); err != nil {
		return nil, fmt.Errorf("--dir %s: %w", path, err)
	}
	lock, err := acquire(filepath.Join(root, "lock"))
	if err != nil {
		return nil, fmt.Errorf("--dir %s: %w", path, err)
	}
	dir := &Dir{root: root, lock: lock}
	for _, folder := range []string{dir.Logs(), dir.Run(), dir.Kubeconfigs()} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			dir.Close()
			return nil, fmt.Errorf("--dir %s: %w", path, err)
		}
	}
	return dir, nil
}

// Find returns the folder of a cluster without locking it, for readers beside a running cluster.
func Find(path string) (*Dir, error) {
	root, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("--dir %s: %w", path, err)
	}
	if _, err := os.Stat(filepath.Join(root, marker)); err != nil {
		return nil, fmt.Errorf("--dir %s: no cluster in it; `localcluster --dir %s` makes one", path, path)
	}
	return &Dir{root: root}, nil
}

// Close gives the folder free for the next run.
func (d *Dir) Close() error {
	if d.lock == nil {
		return nil
	}
	return d.lock.Close()
}

// claim marks an empty folder as ours and refuses one that something else has filled.
func claim(root string) error {
	path := filepath.Join(root, marker)
	content, err := os.ReadFile(path)
	if err == nil {
		if version := strings.TrimSpace(string(content)); version != layoutVersion {
			return fmt.Errorf("its layout has version %q, this localcluster knows %q", version, layoutVersion)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("not a folder of localcluster: it is not empty (%s) and has no file %q", entries[0].Name(), marker)
	}
	return os.WriteFile(path, []byte(layoutVersion+"\n"), 0o600)
}
