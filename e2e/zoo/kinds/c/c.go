// Package c calls C.
package c

// #include "kinds/c/twice.h"
import "C"

// SayTwice doubles a number.
func SayTwice(n int) int { return int(C.twice(C.int(n))) }
