//go:build !amd64

package lib

func add(a, b int64) int64 { return a + b }
