//go:build !linux

package go_runtime

func lost() bool { return false }
