package app

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// controllersUsage lists the controllers, as the help of --controllers.
func controllersUsage(all []controllers.Descriptor) string {
	var known, off []string
	for _, d := range all {
		known = append(known, d.Name)
		if d.DisabledByDefault {
			off = append(off, d.Name)
		}
	}
	usage := `The controllers to run: "*" for all that are on by default, "foo" for foo, "-foo" for all but foo (write "*,-foo"). ` +
		"Known: " + strings.Join(known, ", ") + "."
	if len(off) > 0 {
		usage += " Off by default: " + strings.Join(off, ", ") + "."
	}
	return usage
}

// completeControllers lets the shell complete the names in --controllers.
func completeControllers(cmd *cobra.Command, all []controllers.Descriptor) {
	complete := func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		head := typed[:strings.LastIndex(typed, ",")+1]
		words := []string{head + "*"}
		for _, d := range all {
			words = append(words, head+d.Name+"\t"+d.Doc, head+"-"+d.Name)
		}
		return words, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}
	// Its only error is that there is no such flag, or that it is complete already: then the test of completion fails.
	_ = cmd.RegisterFlagCompletionFunc("controllers", complete)
}
