package p

// int x;
import "C"

//line other.go:7
func F(a int) int { return a } // é

//export G
func G() {}