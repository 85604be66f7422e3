package manager_test

import (
	"testing"

	"github.com/6ead2ce0/wheelhouse/manager"
)

func TestTroubleNamesAll(t *testing.T) {
	for want, s := range map[string]manager.Status{
		"":                                   {},
		"panic: boom":                        {Reason: "panic: boom"},
		"forbidden: list pods":               {Stale: "forbidden: list pods"},
		"panic: boom; forbidden: watch pods": {Reason: "panic: boom", Stale: "forbidden: watch pods"},
	} {
		if got := s.Trouble(); got != want {
			t.Errorf("trouble of %+v is %q, want %q", s, got, want)
		}
	}
}
