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

// Channel registers functions: await is called where a goroutine is about to receive from any channel of messages of this type, and received where it has
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

// setSends has package runtime tell where a goroutine is about to send a message of one of these types to a channel, as setMessages does.
//
//go:linkname setSends runtime.weaveSetSends
var setSends func(types []unsafe.Pointer, sending func(message, elem unsafe.Pointer))

// sends has the types of messages that libraries are given by channels.
var sends struct {
	sync.Mutex
	known []send
}

type send struct {
	message unsafe.Pointer
	sending func(elem unsafe.Pointer)
}

// Sends registers sending, which is called where a goroutine is about to send a message of this type, which is one of pointers, to any channel: in that
// goroutine, perhaps more than once before the channel takes it, and for one that it never takes. Sends tells whether that is possible. Of
// one type the first call counts.
func Sends(message reflect.Type, sending func(message any)) bool {
	if !on || setSends == nil || message.Kind() != reflect.Pointer {
		return false
	}
	t := (*[2]unsafe.Pointer)(unsafe.Pointer(&message))[1]
	sends.Lock()
	defer sends.Unlock()
	types := make([]unsafe.Pointer, 0, len(sends.known)+1)
	for _, s := range sends.known {
		if s.message == t {
			return true
		}
		types = append(types, s.message)
	}
	of := message.Elem()
	known := append(slices.Clip(sends.known), send{t, func(elem unsafe.Pointer) {
		if m := *(*unsafe.Pointer)(elem); m != nil {
			sending(reflect.NewAt(of, m).Interface())
		}
	}})
	sends.known = known
	setSends(append(types, t), func(message, elem unsafe.Pointer) {
		defer func() { _ = recover() }()
		for _, s := range known {
			if s.message == message {
				s.sending(elem)
				return
			}
		}
	})
	return true
}
