package p

import "io"

func f(w io.Writer) {
	w.Write(nil)
}
