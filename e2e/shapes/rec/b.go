// Package b imports a.
package b

import (
	"example.com/shapes/rec/a"
	"example.com/shapes/rec/c"
)

// B is 10.
func B() int { return a.A() + c.C() + 1 }
