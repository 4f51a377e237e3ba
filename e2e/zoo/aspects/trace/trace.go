// Package trace is what woven code calls.
package trace

import _ "unsafe" // for go:linkname

// Print says something. The standard library calls it by name.
//
//go:linkname Print
func Print(s string) { println("trace:", s) }
