package datadir

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(path string) error
		want    string
	}{
		{"a file", func(path string) error { return os.WriteFile(path, nil, 0o600) }, "not a directory"},
		{"a folder of something else", func(path string) error {
			return os.MkdirAll(filepath.Join(path, "photos"), 0o700)
		}, `not a folder of localcluster: it is not empty (photos)`},
		{"another layout", func(path string) error {
			if err := os.Mkdir(path, 0o700); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(path, marker), []byte("99\n"), 0o600)
		}, `its layout has version "99", this localcluster knows "1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "dir")
			if err := test.prepare(path); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got error %v, want one with %q", err, test.want)
			}
			if !strings.HasPrefix(err.Error(), "--dir "+path+": ") {
				t.Errorf("the error doesn't begin with the flag and the folder: %v", err)
			}
		})
	}
}

func TestOneRunAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dir")
	first, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("in use by another localcluster (pid %d)", os.Getpid())
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("second run: got error %v, want one with %q", err, want)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path)
	if err != nil {
		t.Fatalf("after the first run ended: %v", err)
	}
	again.Close()
}

func TestFind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dir")
	if _, err := Find(path); err == nil || !strings.Contains(err.Error(), "no cluster in it") {
		t.Errorf("without a cluster: got error %v", err)
	}
	opened, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	found, err := Find(path)
	if err != nil {
		t.Fatalf("beside a run: %v", err)
	}
	if found.Kubeconfig() != opened.Kubeconfig() {
		t.Errorf("got %s, want %s", found.Kubeconfig(), opened.Kubeconfig())
	}
}
