package pages

import (
	g "maragu.dev/gomponents"

	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
)

// caches is the table of them.
func (p processPage) caches() g.Node {
	return table(caption("Caches"), p.Caches,
		in("Resource", func(c manager.Cache) g.Node { return g.Text(c.Resource) }).asName(),
		counting("Objects", func(c manager.Cache) int { return c.Objects }),
		in("Size", func(c manager.Cache) g.Node { return g.Text(status.Size(c.Bytes)) }).asNumber(),
		in("Watch moved", func(c manager.Cache) g.Node { return g.Text(status.Short(c.Idle.Duration) + " ago") }).asNumber(),
		in("State", filling),
	)
}

func filling(c manager.Cache) g.Node {
	switch {
	case c.Error != "":
		return g.Group{toned("bad", "error"), failure(c.Error)}
	case c.Synced:
		return toned("good", "filled")
	}
	return toned("warn", "being filled")
}
