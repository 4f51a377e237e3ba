// Package c calls C.
package c

// #include "kinds/c/twice.h"
import "C"

// SayTwice doubles a number.
func SayTwice(n int) int { return int(sayTwice(C.int(n))) }

// sayTwice has a type of C in its signature.
func sayTwice(n C.int) C.int { return C.twice(n) }
