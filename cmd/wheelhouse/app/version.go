package app

import (
	"strings"

	"k8s.io/component-base/version"
)

// buildVersion returns the version that the linker was given, as for Kubernetes' own components:
// -X k8s.io/component-base/version.gitVersion=v1.2.3
func buildVersion() string {
	v := version.Get().GitVersion
	if strings.Contains(v, "$Format") { // nobody gave it one
		return "v0.0.0-dev"
	}
	return v
}
