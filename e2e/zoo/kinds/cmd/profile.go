//go:build ignore

// Profile prints what cpu.pprof is: a CPU profile that says which call is hot.
package main

import (
	"encoding/binary"
	"os"
)

// message is one of protocol buffers; profile.proto of pprof names the fields.
type message []byte

func (m message) number(field int, n uint64) message {
	return binary.AppendUvarint(binary.AppendUvarint(m, uint64(field)<<3), n)
}

func (m message) bytes(field int, b []byte) message {
	m = binary.AppendUvarint(m, uint64(field)<<3|2)
	return append(binary.AppendUvarint(m, uint64(len(b))), b...)
}

func main() {
	functions := []string{"example.com/zoo/kinds/lib.Say", "example.com/zoo/kinds/user.SayTwice"}
	var m message
	m = m.bytes(1, message{}.number(1, 1).number(2, 2))
	// SayTwice calls Say.
	m = m.bytes(2, message{}.number(1, 1).number(1, 2).number(2, 1000))
	for i := range functions {
		id := uint64(i + 1)
		line := message{}.number(1, id).number(2, 7)
		m = m.bytes(4, message{}.number(1, id).bytes(4, line))
		m = m.bytes(5, message{}.number(1, id).number(2, 2+id).number(5, 7))
	}
	for _, s := range append([]string{"", "samples", "count"}, functions...) {
		m = m.bytes(6, []byte(s))
	}
	os.Stdout.Write(m)
}
