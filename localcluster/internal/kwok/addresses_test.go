package kwok

import (
	"fmt"
	"net/netip"
	"testing"
)

func TestAddresses(t *testing.T) {
	addresses := newAddresses()
	addresses.next = 0xfffffe // about to wrap
	private := netip.MustParsePrefix("10.0.0.0/8")
	owner := map[string]string{}
	for i := range 3 * remembered {
		pod := fmt.Sprintf("pod-%d", i)
		address := addresses.of(pod)
		if again := addresses.of(pod); again != address {
			t.Fatalf("%s got %s, then %s", pod, address, again)
		}
		if other, taken := owner[address]; taken {
			t.Fatalf("%s and %s both got %s", other, pod, address)
		}
		owner[address] = pod
		if !private.Contains(netip.MustParseAddr(address)) {
			t.Fatalf("%s got %s, which is not in %s", pod, address, private)
		}
	}
	if got := len(addresses.byPod); got > remembered {
		t.Errorf("%d addresses are remembered, want at most %d", got, remembered)
	}
}
