package active

import (
	"reflect"
	"testing"
	"unsafe"
)

// TestChannel: what package runtime tells goes to who has asked for messages of that type, as a copy, and panics stay there.
func TestChannel(t *testing.T) {
	simulate(t)
	type letter struct{ text string }
	var types []unsafe.Pointer
	var await func(unsafe.Pointer)
	var received func(_, _ unsafe.Pointer)
	setMessages = func(t []unsafe.Pointer, a func(unsafe.Pointer), r func(_, _ unsafe.Pointer)) {
		types, await, received = t, a, r
	}
	t.Cleanup(func() { setMessages, channels.known = nil, nil })
	var got []*letter
	waited := 0
	if !Channel(reflect.TypeFor[letter](), func() { waited++ }, func(copied any) { got = append(got, copied.(*letter)) }) ||
		!Channel(reflect.TypeFor[*letter](), func() { panic("a hook") }, func(any) { panic("a hook") }) ||
		!Channel(reflect.TypeFor[letter](), nil, nil) {
		t.Fatal("nobody tells")
	}
	if len(types) != 2 {
		t.Fatalf("%d types", len(types))
	}
	l := letter{"one"}
	p := &l
	for _, message := range types {
		await(message)
	}
	received(types[0], unsafe.Pointer(&l))
	received(types[1], unsafe.Pointer(&p))
	l.text = "another"
	if waited != 1 || len(got) != 1 || got[0].text != "one" {
		t.Errorf("%d times, %v", waited, got)
	}
	setMessages = nil
	if Channel(reflect.TypeFor[string](), nil, nil) {
		t.Error("somebody tells")
	}
}

// TestSends: what package runtime tells goes to who has asked for messages of that type, and panics stay there.
func TestSends(t *testing.T) {
	simulate(t)
	type letter struct{ text string }
	type parcel struct{ letter }
	var types []unsafe.Pointer
	var sending func(_, _ unsafe.Pointer)
	setSends = func(t []unsafe.Pointer, s func(_, _ unsafe.Pointer)) { types, sending = t, s }
	t.Cleanup(func() { setSends, sends.known = nil, nil })
	var got []*letter
	if !Sends(reflect.TypeFor[*letter](), func(m any) { got = append(got, m.(*letter)) }) ||
		!Sends(reflect.TypeFor[*parcel](), func(any) { panic("a hook") }) ||
		!Sends(reflect.TypeFor[*letter](), nil) {
		t.Fatal("nobody tells")
	}
	if len(types) != 2 {
		t.Fatalf("%d types", len(types))
	}
	l, p, none := &letter{"one"}, new(parcel), (*letter)(nil)
	sending(types[0], unsafe.Pointer(&l))
	sending(types[0], unsafe.Pointer(&none))
	sending(types[1], unsafe.Pointer(&p))
	if len(got) != 1 || got[0] != l {
		t.Errorf("%v", got)
	}
	if Sends(reflect.TypeFor[letter](), nil) {
		t.Error("a letter is no pointer")
	}
	setSends = nil
	if Sends(reflect.TypeFor[*string](), nil) {
		t.Error("somebody tells")
	}
}
