package p

import (
	"bytes"
	"io"
)

func f(w io.Writer) {
	w.Write(nil)
}

func g(b *bytes.Buffer) {}
