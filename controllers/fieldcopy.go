package controllers

import "reflect"

// copy gives into what is wanted of from, and leaves the rest of into as it is. What is wanted as a whole is shared.
func (f *field) copy(into, from reflect.Value) {
	switch kind := from.Kind(); {
	case f.whole:
		into.Set(fitting(from))
	case kind == reflect.Struct:
		for _, p := range f.parts {
			p.copy(into.FieldByIndex(p.index), from.FieldByIndex(p.index))
		}
	case kind == reflect.Pointer:
		f.copyPointer(into, from)
	case kind == reflect.Map:
		f.copyKeys(into, from)
	case kind == reflect.Slice && f.items != nil:
		f.copyItems(into, from)
	case kind == reflect.Slice:
		f.copyKeyed(into, from)
	}
}

// fitting returns the value, a list without room for more: what the decoder of a list guesses is up to twice of what it needs.
func fitting(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Slice || v.Cap() == v.Len() {
		return v
	}
	exact := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(exact, v)
	return exact
}

// copyPointer copies what is wanted of what is pointed at. That there is nothing is copied too.
func (f *field) copyPointer(into, from reflect.Value) {
	switch {
	case from.IsNil():
		into.SetZero()
		return
	case into.IsNil():
		into.Set(reflect.New(from.Type().Elem()))
	}
	f.copy(into.Elem(), from.Elem())
}

func (f *field) copyKeys(into, from reflect.Value) {
	for key := range f.keyed {
		name := reflect.ValueOf(key).Convert(from.Type().Key())
		value := from.MapIndex(name)
		if value.IsValid() && into.IsNil() {
			into.Set(reflect.MakeMap(from.Type()))
		}
		if !into.IsNil() {
			into.SetMapIndex(name, value) // deletes what isn't there
		}
	}
}

// copyItems copies what is wanted of each item, and with that how many there are.
func (f *field) copyItems(into, from reflect.Value) {
	if into.Len() != from.Len() {
		into.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
	}
	for i := range from.Len() {
		f.items.copy(into.Index(i), from.Index(i))
		if child := f.wantedOf(from.Index(i)); child != nil {
			child.copy(into.Index(i), from.Index(i))
		}
	}
}

// copyKeyed copies the items that have a key that is wanted: each to its place if there is one for all, else to the end.
func (f *field) copyKeyed(into, from reflect.Value) {
	inPlace := into.Len() == from.Len()
	for i := range from.Len() {
		child := f.wantedOf(from.Index(i))
		switch {
		case child == nil:
		case inPlace:
			child.copy(into.Index(i), from.Index(i))
		default:
			item := reflect.New(from.Type().Elem()).Elem()
			child.copy(item, from.Index(i))
			into.Set(reflect.Append(into, item))
		}
	}
}

// wantedOf returns what is wanted of the item because of its key, or nil.
func (f *field) wantedOf(item reflect.Value) *field {
	if f.keyed == nil {
		return nil
	}
	return f.keyed[item.FieldByIndex(f.keyIndex).String()]
}
