package p

import "fmt"

type t struct{}

func f() { fmt.Print(1) }

func (t) f() {}

//example:mark
func g() {}
