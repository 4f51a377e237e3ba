// Package user uses lib.
package user

import "example.com/zoo/kinds/lib"

// SayTwice says it twice.
func SayTwice() string { return lib.Say() + ", " + lib.Say() }
