//go:build !cgo

package c

// SayTwice doubles a number.
func SayTwice(n int) int { return n + n }

// SayWhere says where its files are.
func SayWhere() string { return sayPlain() }
