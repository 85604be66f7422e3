package controllers

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// field says what is wanted of a value of an API type. Its zero value wants nothing.
type field struct {
	whole    bool              // all of it; then what follows means nothing
	parts    []part            // of a struct
	items    *field            // of each item of a list
	keyed    map[string]*field // of a key of a map, or of the items of a list that have the key
	mergeKey string            // the name of the key of a list's items, as patches know it; "" if they have none
	keyIndex []int             // where that is in an item
}

// part is a field of a struct.
type part struct {
	name  string
	index []int
	*field
}

// add adds what the path names in a value of the type.
func (f *field) add(in reflect.Type, path string) error {
	switch kind := in.Kind(); {
	case path == "":
		f.whole = true
		return nil
	case kind == reflect.Pointer:
		return f.add(in.Elem(), path)
	case kind == reflect.Struct:
		return f.addPart(in, path)
	case strings.HasPrefix(path, "[") && (kind == reflect.Map || kind == reflect.Slice):
		return f.addKey(in, path)
	case kind == reflect.Slice:
		if f.items == nil {
			f.items = &field{}
		}
		return f.items.add(in.Elem(), path)
	}
	return fmt.Errorf("%s has no %q", in, path)
}

// addPart adds a path that begins with the name of a struct's field.
func (f *field) addPart(in reflect.Type, path string) error {
	name := path
	if end := strings.IndexAny(path, ".["); end >= 0 {
		name = path[:end]
	}
	found, ok := fieldNamed(in, name)
	if !ok {
		return fmt.Errorf("%s has no %q", in, name)
	}
	at := slices.IndexFunc(f.parts, func(p part) bool { return p.name == name })
	if at < 0 {
		at = len(f.parts)
		f.parts = append(f.parts, part{name, found.Index, &field{mergeKey: found.Tag.Get("patchMergeKey")}})
	}
	return f.parts[at].add(found.Type, strings.TrimPrefix(path[len(name):], "."))
}

// addKey adds a path that begins with a key in brackets.
func (f *field) addKey(in reflect.Type, path string) error {
	key, rest, closed := strings.Cut(path[1:], "]")
	switch {
	case !closed:
		return errors.New("a ] is missing")
	case rest != "" && !strings.HasPrefix(rest, "."):
		return fmt.Errorf("a . is missing before %q", rest)
	case in.Kind() == reflect.Map && rest != "":
		return fmt.Errorf("%s is wanted in part", in)
	case in.Kind() == reflect.Map:
		return f.ofKey(key).add(in.Elem(), "")
	}
	found, ok := fieldNamed(in.Elem(), f.mergeKey)
	if !ok || found.Type.Kind() != reflect.String {
		return fmt.Errorf("the items of %s have no key that is a string", in)
	}
	f.keyIndex = found.Index
	child := f.ofKey(key)
	return errors.Join(child.add(in.Elem(), f.mergeKey), child.add(in.Elem(), strings.TrimPrefix(rest, ".")))
}

// ofKey returns what is wanted of the key.
func (f *field) ofKey(key string) *field {
	if f.keyed == nil {
		f.keyed = map[string]*field{}
	}
	if f.keyed[key] == nil {
		f.keyed[key] = &field{}
	}
	return f.keyed[key]
}

// fieldNamed finds a field of a struct by its name in JSON, in what is inlined too. What is no struct has none.
func fieldNamed(in reflect.Type, name string) (reflect.StructField, bool) {
	if in.Kind() != reflect.Struct || name == "" || name == "-" {
		return reflect.StructField{}, false
	}
	for _, f := range reflect.VisibleFields(in) {
		if of, _, _ := strings.Cut(f.Tag.Get("json"), ","); of == name && inlined(in, f.Index) {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// inlined reports whether the field at the index is one of the struct's own in JSON, in whatever structs it is in Go.
func inlined(in reflect.Type, index []int) bool {
	for depth := 1; depth < len(index); depth++ {
		if name, _, _ := strings.Cut(in.FieldByIndex(index[:depth]).Tag.Get("json"), ","); name != "" {
			return false
		}
	}
	return true
}
