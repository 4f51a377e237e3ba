// Package made is made by cgo.
package made

// int two(void) { return 2; }
import "C"

// Two is what C says it is.
var Two = int(C.two())
