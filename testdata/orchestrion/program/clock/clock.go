// Package clock has methods and function literals.
package clock

import (
	"bytes"
	"io"
)

// Clock tells the time.
type Clock struct{}

// Tell writes to what implements io.Writer by its pointer.
func (Clock) Tell(b *bytes.Buffer) error {
	tell := func() { b.WriteString("noon") }
	tell()
	return nil
}

// Show is given the interface.
func (*Clock) Show(w io.Writer, n int) int {
	_, _ = io.WriteString(w, "shown")
	return n
}

// Quiet is given no writer.
func (Clock) Quiet(int) {}
