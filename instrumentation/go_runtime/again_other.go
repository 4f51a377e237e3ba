//go:build !linux

package go_runtime

// again is not called.
func again(uint32) {}
