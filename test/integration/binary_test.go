package integration

import (
	"bytes"
	"os"
	"testing"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// The linker drops what is never called, unless something that it keeps finds methods by names that only the running program knows, as
// templates do. Then it keeps each method of each type, and what they call: the program is nearly twice as large, and holds more memory
// while it idles.
func TestMethodsThatNobodyCallsAreNotLinked(t *testing.T) {
	path, err := cluster.Binary("wheelhouse")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A stripped program has the names of its functions too, for the traces of panics.
	for method, want := range map[string]bool{
		"time.Time.MarshalJSON":             true, // the check sees what is there
		"time.Time.GobEncode":               false,
		"k8s.io/api/core/v1.Pod.SwaggerDoc": false,
		"text/template.(*Template).Execute": false,
	} {
		if got := bytes.Contains(program, []byte(method)); got != want {
			t.Errorf("%s has the method %s: %v, want %v; `go build -ldflags=-dumpdep` marks with <ReflectMethod> who finds methods by name",
				path, method, got, want)
		}
	}
}
