// Command image packs programs that were built for several platforms into an OCI archive, without a daemon.
//
// The image holds the program and nothing else. The archive is what `ctr images import`, `docker load` and `kind load image-archive` read:
// an OCI layout whose index has the names that they look for, and beside it Docker's own list, which older versions of it need. Its
// bytes depend on the arguments and the programs alone.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// options say what to pack.
type options struct {
	// Name is that of the image, such as wheelhouse:dev.
	Name string
	// Version and Revision are told in its labels.
	Version, Revision string
	// Created is when it was made: the commit's time, so that two builds of one commit are alike.
	Created time.Time
	// Out is the archive's path, SBOM that of the list of what is inside.
	Out, SBOM string
	// Programs are the paths of the programs by platform, OS/ARCH=PATH, in the order of the index.
	Programs []string
}

func run(args []string) error {
	var o options
	var created int64
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&o.Name, "name", "", "Name of the image, with a tag.")
	flags.StringVar(&o.Version, "version", "", "Version of the program.")
	flags.StringVar(&o.Revision, "revision", "", "Commit that the program is built from.")
	flags.Int64Var(&created, "created", 0, "Time of the commit, in seconds since 1970.")
	flags.StringVar(&o.Out, "out", "", "Path of the archive.")
	flags.StringVar(&o.SBOM, "sbom", "", "Path of the SBOM, in SPDX's JSON.")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.Created, o.Programs = time.Unix(created, 0).UTC(), flags.Args()
	if o.Name == "" || o.Out == "" || o.SBOM == "" || len(o.Programs) == 0 {
		return errors.New("--name, --out, --sbom and at least one OS/ARCH=PATH must be given")
	}
	return o.pack()
}

func (o options) pack() error {
	programs, err := o.programs()
	if err != nil {
		return err
	}
	images, err := o.images(programs)
	if err != nil {
		return err
	}
	digest, err := o.writeArchive(images)
	if err != nil {
		return err
	}
	if err := o.writeSBOM(programs, digest); err != nil {
		return err
	}
	fmt.Printf("%s@%s\n", o.Name, digest)
	return nil
}

// program is a program built for a platform.
type program struct{ os, arch, path string }

func (o options) programs() ([]program, error) {
	var list []program
	for _, arg := range o.Programs {
		platform, path, _ := strings.Cut(arg, "=")
		system, arch, ok := strings.Cut(platform, "/")
		if !ok || path == "" {
			return nil, fmt.Errorf("%q is not OS/ARCH=PATH", arg)
		}
		list = append(list, program{system, arch, path})
	}
	return list, nil
}
