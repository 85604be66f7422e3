package pages

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// column is a column of a table that shows a T in each row.
type column[T any] struct {
	head string
	// label is what stands beside its cells where a narrow window shows each row as a card.
	label string
	cell  func(T) g.Node
	names bool // whether a cell says what its row is about
	// number and tight are how its cells are set, hot tells which of them shouldn't be.
	number, tight bool
	hot           func(T) bool
}

// in returns a column whose cells are labelled as its head says.
func in[T any](head string, cell func(T) g.Node) column[T] {
	return column[T]{head: head, label: head, cell: cell}
}

// counting returns a column of counts.
func counting[T any](head string, n func(T) int) column[T] {
	return in(head, func(value T) g.Node { return count(n(value)) }).asNumber()
}

// badCounting returns a column of counts of what shouldn't be.
func badCounting[T any](head string, n func(T) int) column[T] {
	c := counting(head, n)
	c.hot = func(value T) bool { return n(value) > 0 }
	return c
}

func (c column[T]) shortly(label string) column[T] { c.label = label; return c }
func (c column[T]) asName() column[T]              { c.names = true; return c }
func (c column[T]) asNumber() column[T]            { c.number = true; return c }
func (c column[T]) tightly() column[T]             { c.tight = true; return c }

// table shows the list, one in each row.
func table[T any](caption g.Node, list []T, columns ...column[T]) g.Node {
	return cards("cards", caption, heads(columns), rows(list, columns))
}

// cards is a table whose rows become cards in a narrow window. The roles are written out: where the style shows rows as cards, it would
// take them away.
func cards(class string, caption, heads g.Node, rows ...g.Node) g.Node {
	return h.Table(h.Role("table"), h.Class(class), caption,
		h.THead(h.Role("rowgroup"), row(heads)),
		h.TBody(h.Role("rowgroup"), g.Group(rows)),
	)
}

func caption(text string, beside ...g.Node) g.Node {
	return h.Caption(g.Text(text), g.Group(beside))
}

func row(cells ...g.Node) g.Node { return h.Tr(h.Role("row"), g.Group(cells)) }

func rows[T any](list []T, columns []column[T]) g.Group {
	return g.Map(list, func(value T) g.Node { return row(cells(columns, value)) })
}

func heads[T any](columns []column[T]) g.Group {
	return g.Map(columns, func(c column[T]) g.Node {
		return h.Th(h.Role("columnheader"), h.Scope("col"), g.If(c.number, h.Class("number")), g.Text(c.head))
	})
}

func cells[T any](columns []column[T], value T) g.Group {
	return g.Map(columns, func(c column[T]) g.Node { return c.show(value) })
}

func (c column[T]) show(value T) g.Node {
	label, shown := h.Data("label", c.label), c.cell(value)
	if c.names {
		return h.Th(h.Role("rowheader"), h.Scope("row"), label, shown)
	}
	class := c.class(value)
	return h.Td(h.Role("cell"), label, g.If(class != "", h.Class(class)), shown)
}

func (c column[T]) class(value T) string {
	switch {
	case c.number && c.hot != nil && c.hot(value):
		return "number hot"
	case c.number:
		return "number"
	case c.tight:
		return "tight"
	}
	return ""
}
