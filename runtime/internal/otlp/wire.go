package otlp

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"
)

// Wire types of the protobuf encoding.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// wire appends protobuf fields to a buffer.
// Fields that hold their default value are left out, as proto3 has it, but by the callers: only they know what is optional.
type wire []byte

func (w *wire) tag(field, kind int) { *w = binary.AppendUvarint(*w, uint64(field<<3|kind)) }

func (w *wire) uvarint(field int, v uint64) {
	w.tag(field, wireVarint)
	*w = binary.AppendUvarint(*w, v)
}

func (w *wire) fixed64(field int, v uint64) {
	w.tag(field, wireFixed64)
	*w = binary.LittleEndian.AppendUint64(*w, v)
}

func (w *wire) fixed32(field int, v uint32) {
	w.tag(field, wireFixed32)
	*w = binary.LittleEndian.AppendUint32(*w, v)
}

func (w *wire) double(field int, v float64) { w.fixed64(field, math.Float64bits(v)) }

// string appends a string field. Receivers refuse a whole request over one string that is not UTF-8, so those are mended.
func (w *wire) string(field int, s string) {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, string(utf8.RuneError))
	}
	w.tag(field, wireBytes)
	*w = binary.AppendUvarint(*w, uint64(len(s)))
	*w = append(*w, s...)
}

func (w *wire) bytes(field int, b []byte) {
	w.tag(field, wireBytes)
	*w = binary.AppendUvarint(*w, uint64(len(b)))
	*w = append(*w, b...)
}

// open starts a nested message and returns what close needs.
func (w *wire) open(field int) int {
	w.tag(field, wireBytes)
	*w = append(*w, 0)
	return len(*w)
}

// close ends the nested message that starts at start: its length goes before it, and it moves up if the length needs more than the one byte kept.
func (w *wire) close(start int) {
	n := len(*w) - start
	if n < 0x80 {
		(*w)[start-1] = byte(n)
		return
	}
	var length [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(length[:], uint64(n))
	*w = append(*w, length[1:size]...)
	copy((*w)[start-1+size:], (*w)[start:start+n])
	copy((*w)[start-1:], length[:size])
}

// field is one field of a protobuf message that was received.
type field struct {
	number int
	value  uint64
	bytes  []byte
}

// next reads the first field of b and returns it and the rest; ok is false at the end of b and where b is malformed.
func next(b []byte) (f field, rest []byte, ok bool) {
	tag, n := binary.Uvarint(b)
	if n <= 0 {
		return f, nil, false
	}
	f.number, b = int(tag>>3), b[n:]
	switch tag & 7 {
	case wireVarint:
		if f.value, n = binary.Uvarint(b); n <= 0 {
			return f, nil, false
		}
		return f, b[n:], true
	case wireFixed64:
		if len(b) < 8 {
			return f, nil, false
		}
		f.value = binary.LittleEndian.Uint64(b)
		return f, b[8:], true
	case wireFixed32:
		if len(b) < 4 {
			return f, nil, false
		}
		f.value = uint64(binary.LittleEndian.Uint32(b))
		return f, b[4:], true
	case wireBytes:
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return f, nil, false
		}
		f.bytes = b[n : n+int(size)]
		return f, b[n+int(size):], true
	}
	return f, nil, false
}
