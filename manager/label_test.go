package manager

import (
	"testing"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"
)

// A label that were a part of its path would keep all of it in memory, for as long as there is a record of the write.
func TestLabelsKeepNoPaths(t *testing.T) {
	w, err := NewWrites(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	label := func() (label, path string) {
		path = string([]byte("pods/a-long-name"))
		return w.label(path[:len("pods")]), path
	}
	first, path := label()
	second, other := label()
	if first != "pods" || second != "pods" {
		t.Errorf("labels %q and %q, want pods", first, second)
	}
	if unsafe.StringData(first) == unsafe.StringData(path) {
		t.Error("the first label is a part of its path")
	}
	if unsafe.StringData(second) == unsafe.StringData(other) || unsafe.StringData(second) != unsafe.StringData(first) {
		t.Error("the second label is not what was kept of the first")
	}
}
