package controllers

import (
	"reflect"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// wireField says what is wanted of a field of a message, as protocol buffers encode it: https://protobuf.dev/programming-guides/encoding.
// What is wanted of a list is wanted of each of its items, which are fields of the same number.
type wireField struct {
	whole     bool                            // all of it; then what follows means nothing
	parts     map[protowire.Number]*wireField // of a message
	keyed     map[string]*wireField           // of a message that has the key; those that have none of them aren't wanted
	keyNumber protowire.Number                // where that is in the message; 0 if parts are wanted
}

// entryKey is where the key is in the entries of a map, each of which is a message.
const entryKey protowire.Number = 1

// onWire returns what the field wants of a value of the type, or more if it isn't exactOnWire.
func (f *field) onWire(in reflect.Type) *wireField {
	kind := in.Kind()
	switch {
	case f.whole || f.takesCopying():
		return &wireField{whole: true}
	case kind == reflect.Pointer:
		return f.onWire(in.Elem())
	case kind == reflect.Slice && f.items != nil:
		return f.items.onWire(in.Elem())
	case kind == reflect.Slice:
		return f.keyedOnWire(numberOf(in.Elem().FieldByIndex(f.keyIndex)), func(child *field) *wireField { return child.onWire(in.Elem()) })
	case kind == reflect.Map:
		return f.keyedOnWire(entryKey, func(*field) *wireField { return &wireField{whole: true} })
	}
	message := &wireField{parts: map[protowire.Number]*wireField{}}
	for _, p := range f.parts {
		message.add(in, p.index, p.field)
	}
	return message
}

// takesCopying reports whether items of a list are wanted for two reasons, or by a key in an inlined struct: a wireField finds neither.
func (f *field) takesCopying() bool {
	return f.keyed != nil && (f.items != nil || len(f.keyIndex) > 1)
}

// exactOnWire reports whether onWire wants no more than the field does.
func (f *field) exactOnWire() bool {
	switch {
	case f == nil || f.whole:
		return true
	case f.takesCopying() || !f.items.exactOnWire():
		return false
	}
	for _, p := range f.parts {
		if !p.exactOnWire() {
			return false
		}
	}
	for _, child := range f.keyed {
		if !child.exactOnWire() {
			return false
		}
	}
	return true
}

func (f *field) keyedOnWire(number protowire.Number, onWire func(*field) *wireField) *wireField {
	all := &wireField{keyNumber: number, keyed: map[string]*wireField{}}
	for key, child := range f.keyed {
		all.keyed[key] = onWire(child)
	}
	return all
}

// add wants the field of a struct at the index. What is inlined in the struct is a message of its own in the encoding.
func (w *wireField) add(in reflect.Type, index []int, f *field) {
	found := in.Field(index[0])
	number := numberOf(found)
	switch {
	case number == 0: // the kind and its version, which are sent beside the message
	case len(index) == 1:
		w.parts[number] = f.onWire(found.Type)
	default:
		if w.parts[number] == nil {
			w.parts[number] = &wireField{parts: map[protowire.Number]*wireField{}}
		}
		w.parts[number].add(found.Type, index[1:], f)
	}
}

// numberOf returns the number that the field of a struct has in the encoding, 0 if it isn't sent. Its tag begins with `bytes,3,opt`.
func numberOf(f reflect.StructField) protowire.Number {
	parts := strings.Split(f.Tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return 0
	}
	number, _ := strconv.ParseInt(parts[1], 10, 32)
	return protowire.Number(number)
}
