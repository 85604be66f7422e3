package controllertest

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

func isDocumented(c candidate, r *report) {
	if err := controllers.Validate([]controllers.Descriptor{c.descriptor()}); err != nil {
		r.breach("%v", err)
	}
}

func hasFlagsOfItsOwn(c candidate, r *report) {
	d := c.descriptor()
	flags, err := flagsOf(d)
	if err != nil {
		r.breach("%v", err)
		return
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if strings.TrimSpace(f.Usage) == "" {
			r.breach("--%s has no usage text", f.Name)
		}
		if !bearsName(f.Name, d) {
			r.breach("--%s may collide with a flag of the host or of another controller: call it --%s-%s", f.Name, d.Name, f.Name)
		}
	})
}

// flagsOf returns the flags of one descriptor, which are none if there is an error.
func flagsOf(d controllers.Descriptor) (flags *pflag.FlagSet, err error) {
	defer catch("AddFlags", &err)
	flags = pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard) // what a panic says comes with the error
	if d.AddFlags != nil {
		d.AddFlags(flags)
	}
	return flags, nil
}

// bearsName reports whether the name of the flag begins with one that is the controller's, or with "concurrent-".
func bearsName(flag string, d controllers.Descriptor) bool {
	prefixes := append([]string{"concurrent", d.Name}, d.Aliases...)
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		return flag == prefix || strings.HasPrefix(flag, prefix+"-")
	})
}

// sharesNothing sets each flag of one descriptor, and expects those of another to stay as they are.
func sharesNothing(c candidate, r *report) {
	one, err := flagsOf(c.descriptor())
	if err != nil {
		r.breach("%v", err)
		return
	}
	other, err := flagsOf(c.descriptor())
	if err != nil {
		r.breach("%v", err)
		return
	}
	one.VisitAll(func(f *pflag.Flag) {
		twin := other.Lookup(f.Name)
		if twin == nil {
			r.breach("a second call of Descriptor has no flag --%s", f.Name)
			return
		}
		before := twin.Value.String()
		if !change(f) {
			r.note("no other value was found for --%s", f.Name)
		}
		if after := twin.Value.String(); after != before {
			r.breach("setting --%s of one descriptor to %v changes that of another: keep the options in a variable of Descriptor, not of the package", f.Name, after)
		}
	})
}

// change sets the flag to another value, and reports whether it found one.
func change(f *pflag.Flag) bool {
	before := f.Value.String()
	for _, value := range []string{"true", "false", "7", "8", "7s", "x", "x=y"} {
		if f.Value.Set(value) == nil && f.Value.String() != before {
			return true
		}
	}
	return false
}
