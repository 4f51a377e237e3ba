// Exported is a library for C.
package main

import "C"

import "example.com/zoo/kinds/user"

//export said
func said() *C.char { return C.CString(user.SayTwice()) }

func main() {}
