// Package d imports b, and C.
package d

// int one(void) { return 1; }
import "C"

import "example.com/shapes/rec/b"

// D is 11.
func D() int { return b.B() + int(C.one()) }
