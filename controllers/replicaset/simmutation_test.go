package replicaset

import (
	"testing"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownwrites"
)

// enough is how many simulations find even the mistake that is hardest to find.
const enough = 40_000

// TestSimulationFindsMistakes takes one safeguard at a time out of the controller: some simulation must fail then, or the
// simulations prove nothing.
func TestSimulationFindsMistakes(t *testing.T) {
	each := func(change func(*memory)) func(*simProcess) {
		return func(p *simProcess) {
			p.engine.term.memories.Each(change)
		}
	}
	for _, tc := range []struct {
		name   string
		mutate func(*simProcess)
	}{
		{"own writes are forgotten", each(func(m *memory) { m.pods = ownwrites.Writes{} })},
		{"names are not kept when the outcome is in doubt", each(func(m *memory) { m.kept = nil })},
		{"deletes in doubt are forgotten", each(func(m *memory) { m.doubted = ownwrites.Writes{} })},
		{"nothing is read live at the beginning of a term", func(p *simProcess) {
			for key := range p.due {
				if rs, _ := p.engine.caches.replicaSet(key); rs != nil {
					p.engine.term.remember(key, rs.UID).fresh = true
				}
			}
		}},
		{"caches are taken to have reached the beginning of the term", func(p *simProcess) {
			p.engine.term.begin.Store(&versions{"1", "1"})
			p.engine.term.memories.Each(func(m *memory) { m.podsAt, m.replicaSetsAt = "1", "1" })
		}},
		{"deletes go by name only", func(p *simProcess) {
			p.engine.api = simAPI{world: p.world, client: p, ignoreUID: true}
		}},
		{"adopted pods count even if they are about to go", func(p *simProcess) {
			p.engine.api = simAPI{world: p.world, client: p, hideDeletion: true}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for seed := range uint64(enough) {
				w := newWorld(seed)
				w.mutate = tc.mutate
				w.run()
				if w.failure != "" {
					t.Logf("seed %d: %s", seed, w.failure)
					return
				}
			}
			t.Errorf("none of %d simulations failed", enough)
		})
	}
}
