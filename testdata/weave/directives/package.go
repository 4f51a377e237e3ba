// Package p is kept from being woven.
//
//weave:ignore package
package p

//weave:log
func f() {}
