package active

import (
	"reflect"
	"slices"
	"sync"
	"unsafe"
)

// setMessages has package runtime tell where a goroutine is about to receive from a channel of one of these types of messages, and where
// it has received one; nil where that is not woven. Another call replaces what the last one said.
//
//go:linkname setMessages runtime.weaveSetMessages
var setMessages func(types []unsafe.Pointer, await func(message unsafe.Pointer), received func(message, elem unsafe.Pointer))

// channels has the types of messages that libraries hand out by channels.
var channels struct {
	sync.Mutex
	known []channel
}

type channel struct {
	message  unsafe.Pointer
	await    func()
	received func(elem unsafe.Pointer)
}

// Channel has await called where a goroutine is about to receive from any channel of messages of this type, and received where it has
// received one, with a pointer to a copy of it. Both run in the goroutine. Channel tells whether that is possible. Of one type the first
// call counts.
func Channel(message reflect.Type, await func(), received func(copied any)) bool {
	if !on || setMessages == nil {
		return false
	}
	// A type's description, whose address is its identity, is what the interface holds.
	t := (*[2]unsafe.Pointer)(unsafe.Pointer(&message))[1]
	channels.Lock()
	defer channels.Unlock()
	types := make([]unsafe.Pointer, 0, len(channels.known)+1)
	for _, c := range channels.known {
		if c.message == t {
			return true
		}
		types = append(types, c.message)
	}
	known := append(slices.Clip(channels.known), channel{t, await, func(elem unsafe.Pointer) {
		// It may be on the goroutine's stack, of which nothing must be kept.
		copied := reflect.New(message)
		copied.Elem().Set(reflect.NewAt(message, elem).Elem())
		received(copied.Interface())
	}})
	channels.known = known
	find := func(message unsafe.Pointer) channel {
		for _, c := range known {
			if c.message == message {
				return c
			}
		}
		return channel{}
	}
	setMessages(append(types, t),
		func(message unsafe.Pointer) {
			if c := find(message); c.await != nil {
				defer func() { _ = recover() }()
				c.await()
			}
		},
		func(message, elem unsafe.Pointer) {
			if c := find(message); c.received != nil {
				defer func() { _ = recover() }()
				c.received(elem)
			}
		})
	return true
}
