// Package own is of this repository.
package own

// Say says what it is.
func Say() { println("own") }
