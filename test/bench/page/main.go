// Command page makes a page of what the benchmark has measured, and its pictures.
//
//	page RAW AVAILABILITY PAGE
//
// RAW is the benchmark's file, AVAILABILITY the page of `make test-failover`, PAGE the one to write. Pictures go to the folder that is
// named like it, which may hold notes.md: what people have to say of the figures becomes a part of the page.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/6ead2ce0/wheelhouse/test/bench/record"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: page RAW AVAILABILITY PAGE")
	}
	file, err := record.Load(args[0])
	if err != nil {
		return err
	}
	if len(file.Parts) == 0 {
		return fmt.Errorf("%s holds nothing that was measured", args[0])
	}
	availability, err := os.ReadFile(filepath.Clean(args[1]))
	if err != nil {
		return fmt.Errorf("read what was seen of failovers: %w", err)
	}
	text, err := compose(file, string(availability), strings.TrimSuffix(args[2], filepath.Ext(args[2])))
	if err != nil {
		return err
	}
	if err := os.WriteFile(args[2], []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// compose draws the pictures into the folder, and returns the text around them.
func compose(file record.File, availability, folder string) (string, error) {
	notes, err := os.ReadFile(filepath.Clean(filepath.Join(folder, "notes.md")))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the notes: %w", err)
	}
	pictures, err := draw(file, folder)
	if err != nil {
		return "", err
	}
	return write(file, availability, string(notes), pictures), nil
}
