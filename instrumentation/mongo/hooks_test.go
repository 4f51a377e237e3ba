package mongo

import (
	"encoding/binary"
	"testing"
)

// document has elements that are written already.
func document(elements ...[]byte) []byte {
	doc := make([]byte, 4)
	for _, e := range elements {
		doc = append(doc, e...)
	}
	return append(doc, 0)
}

func text(name, value string) []byte {
	b := append([]byte{0x02}, name+"\x00"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)+1))
	return append(append(b, value...), 0)
}

func number(name string) []byte {
	return binary.LittleEndian.AppendUint64(append([]byte{0x12}, name+"\x00"...), 7)
}

// TestCollection checks what is read of commands, and that nothing that is not a document is trusted.
func TestCollection(t *testing.T) {
	find := document(text("find", "orders"), text("filter", "secret"))
	for want, doc := range map[string][]byte{
		"orders": find,
		"more":   document(number("getMore"), text("collection", "more")),
	} {
		if got := collection(doc); got != want {
			t.Errorf("%q, and not %q", got, want)
		}
	}
	for i := range find {
		if got := collection(find[:i]); got != "" && got != "orders" {
			t.Errorf("of %d bytes: %q", i, got)
		}
		odd := append([]byte(nil), find...)
		odd[i] = 0xff
		collection(odd)
	}
	for _, doc := range [][]byte{nil, {1}, document(number("ping")), document([]byte{0x03, 'a', 0}), document(text("x", "")), document([]byte{0x02, 'a', 0, 0xff, 0xff, 0xff, 0xff})} {
		if got := collection(doc); got != "" {
			t.Errorf("%q in %v", got, doc)
		}
	}
}
