//go:build linux

package p

func F() {}
