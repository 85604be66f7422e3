package controllers

import (
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// cut appends to into what is wanted of the message. It reports false if it can't read the message.
func (w *wireField) cut(into, message []byte) ([]byte, bool) {
	for len(message) > 0 {
		number, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return into, false
		}
		size := protowire.ConsumeFieldValue(number, kind, message[tag:])
		if size < 0 {
			return into, false
		}
		var ok bool
		if into, ok = w.parts[number].cutField(into, message[:tag+size], tag, kind); !ok {
			return into, false
		}
		message = message[tag+size:]
	}
	return into, true
}

// cutField appends what is wanted of the encoded field, whose value begins after the tag.
func (w *wireField) cutField(into, encoded []byte, tag int, kind protowire.Type) ([]byte, bool) {
	switch {
	case w == nil:
		return into, true
	case w.whole || kind != protowire.BytesType:
		return append(into, encoded...), true
	}
	message, _ := protowire.ConsumeBytes(encoded[tag:])
	if w.keyNumber != 0 {
		if w = w.keyed[string(keyOf(message, w.keyNumber))]; w == nil {
			return into, true
		}
	}
	if w.whole {
		return append(into, encoded...), true
	}
	return w.cutMessage(append(into, encoded[:tag]...), message)
}

// cutMessage appends what is wanted of the message, after how long that is.
func (w *wireField) cutMessage(into, message []byte) ([]byte, bool) {
	start := len(into)
	into, ok := w.cut(append(into, 0), message)
	var length [binary.MaxVarintLen64]byte
	return slices.Replace(into, start, start+1, protowire.AppendVarint(length[:0], uint64(len(into)-start-1))...), ok
}

// keyOf returns the key that a message has at the number, as far as the message can be read, nil if it has none. Of many, the last holds.
func keyOf(message []byte, at protowire.Number) (key []byte) {
	for len(message) > 0 {
		number, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			break
		}
		size := protowire.ConsumeFieldValue(number, kind, message[tag:])
		if size < 0 {
			break
		}
		if number == at && kind == protowire.BytesType {
			key, _ = protowire.ConsumeBytes(message[tag:])
		}
		message = message[tag+size:]
	}
	return key
}
