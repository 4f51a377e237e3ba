// Cmd asks a server of its own where AT says: in main, or before that.
package main

import (
	"example.com/zoo/early"
	_ "example.com/zoo/early/first"
	_ "zzz.example/last"
)

var _ = early.At("main's variables")

func main() { early.At("main") }
