package controllers

import (
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// encodedField is a field of a message, as it is encoded.
type encodedField struct {
	number protowire.Number
	kind   protowire.Type
	tag    int    // how long the tag is
	bytes  []byte // the tag, and the value after it
}

// value returns the value of a field whose kind is BytesType.
func (e encodedField) value() []byte {
	value, _ := protowire.ConsumeBytes(e.bytes[e.tag:])
	return value
}

// firstField returns the field with which the message begins, and what follows it. It reports false if there is none that can be read.
func firstField(message []byte) (first encodedField, rest []byte, ok bool) {
	number, kind, tag := protowire.ConsumeTag(message)
	if tag < 0 {
		return encodedField{}, nil, false
	}
	size := protowire.ConsumeFieldValue(number, kind, message[tag:])
	if size < 0 {
		return encodedField{}, nil, false
	}
	return encodedField{number, kind, tag, message[:tag+size]}, message[tag+size:], true
}

// cut appends to into what is wanted of the message. It reports false if it can't read the message.
func (w *wireField) cut(into, message []byte) ([]byte, bool) {
	for len(message) > 0 {
		field, rest, ok := firstField(message)
		if !ok {
			return into, false
		}
		if into, ok = w.parts[field.number].cutField(into, field); !ok {
			return into, false
		}
		message = rest
	}
	return into, true
}

// cutField appends what is wanted of the field.
func (w *wireField) cutField(into []byte, field encodedField) ([]byte, bool) {
	if w != nil && w.keyNumber != 0 && field.kind == protowire.BytesType {
		w = w.keyed[string(keyOf(field.value(), w.keyNumber))]
	}
	switch {
	case w == nil:
		return into, true
	case w.whole || field.kind != protowire.BytesType:
		return append(into, field.bytes...), true
	}
	return w.cutMessage(append(into, field.bytes[:field.tag]...), field.value())
}

// cutMessage appends what is wanted of the message, after how long that is.
func (w *wireField) cutMessage(into, message []byte) ([]byte, bool) {
	start := len(into)
	into, ok := w.cut(append(into, 0), message)
	length := binary.AppendUvarint(make([]byte, 0, binary.MaxVarintLen64), uint64(len(into)-start-1)) //nolint:gosec // is no less than 0
	return slices.Replace(into, start, start+1, length...), ok
}

// keyOf returns the key that a message has at the number, as far as the message can be read, nil if it has none. Of many, the last holds.
func keyOf(message []byte, at protowire.Number) (key []byte) {
	for len(message) > 0 {
		field, rest, ok := firstField(message)
		if !ok {
			break
		}
		if field.number == at && field.kind == protowire.BytesType {
			key = field.value()
		}
		message = rest
	}
	return key
}
