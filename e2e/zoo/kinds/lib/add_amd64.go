package lib

// add is in assembly.
func add(a, b int64) int64
