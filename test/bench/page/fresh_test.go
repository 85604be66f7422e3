package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

// TestPageIsFresh keeps the page that people read what the figures, the notes and the page of failovers say.
func TestPageIsFresh(t *testing.T) {
	docs := filepath.Join("..", "..", "..", "docs")
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	file, err := record.Load(filepath.Join(docs, "benchmarks", "raw.json"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir() // where pictures may be drawn
	if err := os.WriteFile(filepath.Join(folder, "notes.md"), []byte(read("benchmarks/notes.md")), 0o600); err != nil {
		t.Fatal(err)
	}
	want, err := compose(file, read("availability.md"), folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read("benchmarks.md")); diff != "" {
		t.Errorf("docs/benchmarks.md is stale, run make bench-page (-want +got)\n%s", diff)
	}
}
