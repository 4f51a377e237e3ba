// Package elsewhere has nothing here.
package elsewhere

// F does nothing.
func F() {}
