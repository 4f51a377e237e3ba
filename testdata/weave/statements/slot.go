// Package p has the shape of package runtime, where a slot is added to every goroutine.
package p

import "unsafe"

type g struct {
	id     int64 // of the goroutine
	parent int64
}

func malg(size int32) *g {
	newg := new(g)
	if size >= 0 {
		newg.id = int64(size)
	}
	return newg
}

//go:nosplit
func gdestroy(gp *g) {
	gp.parent = 0
	if gp.id > 0 { gp.id = 0 }
}

func newproc1(callergp *g) *g {
	newg := malg(1)
	newg.parent = callergp.id; newg.id++
	return newg
}

var _ unsafe.Pointer
