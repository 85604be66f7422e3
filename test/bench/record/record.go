// Package record keeps what the benchmark has measured, run by run, as JSON.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The programs that are compared.
const (
	Ours   = "wheelhouse"
	Theirs = "kube-controller-manager"
)

// The workloads that runs are of.
const (
	Create    = "create"     // many Deployments of 10 pods
	Roll      = "roll"       // all of them
	ScaleUp   = "scale-up"   // all of them to 50 pods
	ScaleDown = "scale-down" // and back
	CreateOne = "create-one" // one Deployment of many pods
	RollOne   = "roll-one"   // that
	Start     = "start"      // on a cluster that is full already
	Idle      = "idle"       // there
	Wave      = "wave"       // fill the cluster up to a size, from the size before
	Churn     = "churn"      // replace pods that fail or are deleted
)

// File is all that was measured: a part for each scenario.
type File struct {
	Parts []Part
}

// Part is what one scenario has shown, on one machine, of one commit.
type Part struct {
	Scenario string
	Begun    time.Time
	Commit   string
	Machine  Machine
	Versions map[string]string // of the programs
	Settings map[string]string // the environment variables that say how much is measured, as they were or are by default
	Runs     []Run
}

// Machine is what programs ran on.
type Machine struct {
	Cores   int
	CPU     string
	Memory  int64 // in bytes
	Kernel  string
	Go      string
	GOOS    string
	GOARCH  string
	Comment string `json:",omitempty"` // what else is to be known, such as other work
}

// Run is what a program took to do a workload once. What a workload doesn't measure is 0.
type Run struct {
	Workload, Program string
	Pair              int     // runs of the two programs with the same number followed each other
	Pods              int     // how many the workload is about
	Seconds           float64 `json:",omitzero"` // until all was as it was asked to be
	CPUSeconds        float64 // until the program had nothing more to do
	RSS, PeakRSS      int64   // in bytes; the peak is that since the program's start
	FirstWrite        float64 `json:",omitzero"` // seconds from the program's start until the API server got its first write
	FirstAnswer       float64 `json:",omitzero"` // seconds from there until it got the first that a Deployment waited for
	Requests          Requests
}

// Part returns the part of the scenario, or nil.
func (f *File) Part(scenario string) *Part {
	i := slices.IndexFunc(f.Parts, func(p Part) bool { return p.Scenario == scenario })
	if i < 0 {
		return nil
	}
	return &f.Parts[i]
}

// Replace puts a part in the place of the one of the same scenario, or at the end.
func (f *File) Replace(p Part) {
	if old := f.Part(p.Scenario); old != nil {
		*old = p
		return
	}
	f.Parts = append(f.Parts, p)
}

// Keep saves the file with a part that has got a run. As long as the part isn't finished and has fewer runs than that of an earlier time, the
// earlier one stays, and the part is saved beside the file: a rerun that is cut off must not cost what was measured before.
func (f *File) Keep(path string, p Part, finished bool) error {
	beside := Unfinished(path, p.Scenario)
	if old := f.Part(p.Scenario); old != nil && !finished && len(p.Runs) < len(old.Runs) {
		return (&File{Parts: []Part{p}}).Save(beside)
	}
	f.Replace(p)
	if err := f.Save(path); err != nil {
		return err
	}
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what was unfinished: %w", err)
	}
	return nil
}

// Unfinished returns where a part is saved that doesn't replace an earlier one yet.
func Unfinished(path, scenario string) string {
	return strings.TrimSuffix(path, ".json") + "." + scenario + ".unfinished.json"
}

// Load reads a file; one that doesn't exist is empty.
func Load(path string) (File, error) {
	var f File
	text, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, fmt.Errorf("read what was measured: %w", err)
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("understand what was measured, in %s: %w", path, err)
	}
	return f, nil
}

// Save writes the file, whole or not at all: what was measured in hours must not be lost to an interruption.
func (f *File) Save(path string) error {
	text, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return fmt.Errorf("encode what was measured: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make a folder for what was measured: %w", err)
	}
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write what was measured: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("put what was measured in its place: %w", err)
	}
	return nil
}
