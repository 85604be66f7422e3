package ports

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		base int
		want bool
	}{{-1, false}, {0, true}, {1, true}, {65531, true}, {65532, false}, {70000, false}} {
		if err := Validate(test.base); (err == nil) != test.want {
			t.Errorf("Validate(%d): got %v, want success: %t", test.base, err, test.want)
		}
	}
}

func TestPickNamesTheTakenPort(t *testing.T) {
	layout, err := Pick(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", layout.address(scheduler))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	want := fmt.Sprintf("port %d (--port-base+3, for kube-scheduler) is in use", layout.Scheduler())
	if _, err := Pick(layout.Base(), 0); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
	other, err := Pick(0, layout.Base())
	if err != nil {
		t.Fatal(err)
	}
	if other == layout {
		t.Errorf("--port-base 0 picked %d although a port of it is taken", other.Base())
	}
}

func TestPickPrefersTheLastPorts(t *testing.T) {
	last, err := Pick(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Pick(0, last.Base())
	if err != nil {
		t.Fatal(err)
	}
	if again != last {
		t.Errorf("got base %d, want %d again: kubeconfigs in use point to it", again.Base(), last.Base())
	}
}
