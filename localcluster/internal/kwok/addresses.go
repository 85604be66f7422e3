package kwok

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"sync"
)

// remembered is how many pods back an address is given again to the same pod: far more than are on their way at a time.
const remembered = 10_000

// addresses gives pods addresses out of 10.0.0.0/8, the same again when a pod that changed while it was started is started
// once more. It counts up from anywhere, because it doesn't know the addresses given before a restart.
type addresses struct {
	mu     sync.Mutex
	next   uint32
	byPod  map[string]string
	recent []string // a ring of the keys of byPod
	oldest int
}

func newAddresses() *addresses {
	return &addresses{next: rand.Uint32(), byPod: map[string]string{}, recent: make([]string, remembered)}
}

// of returns the address of the pod with this UID.
func (a *addresses) of(uid string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if address, ok := a.byPod[uid]; ok {
		return address
	}
	delete(a.byPod, a.recent[a.oldest])
	a.recent[a.oldest] = uid
	a.oldest = (a.oldest + 1) % remembered
	a.next++
	var bytes [4]byte
	binary.BigEndian.PutUint32(bytes[:], 10<<24|a.next&0xffffff)
	address := netip.AddrFrom4(bytes).String()
	a.byPod[uid] = address
	return address
}
