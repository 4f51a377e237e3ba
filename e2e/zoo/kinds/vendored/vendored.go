// Package vendored is vendored.
package vendored

// Say says so.
func Say() string { return "vendored" }
