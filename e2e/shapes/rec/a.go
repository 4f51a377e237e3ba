// Package a is tested by a package that imports what imports it.
package a

// Version is set by the linker.
var Version string

// A is 1.
func A() int { return 1 }
