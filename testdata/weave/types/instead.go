package p

import (
	"bytes"
	"io"
	"os"
)

type log struct {
	bytes.Buffer
	*counter
}

type counter struct{ n int }

func (c counter) Count() int { return c.n }

func (c *counter) Add(n ...int) { c.n += len(n) }

type outer struct{ log }

func calls(b *bytes.Buffer, v bytes.Buffer, l *log, o outer, w io.Writer, list []int) {
	b.Reset()
	v.Reset()
	l.Reset()
	o.
		Reset()
	(b).Reset( /* nothing */ )
	(b.Reset)()
	l.Add(list...)
	o.Add(1,
		2)
	_ = l.Count() + o.counter.Count()
	w.Write(append([]byte(nil), "x"...))
	(*counter).Add(l.counter, 1)
	os.Stdout.Write(nil)
}

func reset(b *bytes.Buffer)          { b.Truncate(0) }
func count(c counter) int            { return c.n }
func add(c *counter, n ...int)       { c.n++ }
func write(w io.Writer, text []byte) {}
