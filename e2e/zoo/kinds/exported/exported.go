// Exported is a library for C.
package main

import "C"

import "example.com/zoo/kinds/user"

//export sayIt
func sayIt() *C.char { return C.CString(user.SayTwice()) }

func main() {}
