// Made has a part in C, if there is cgo.
package main

import (
	"fmt"

	"example.com/linkage"
)

var answer int

func main() { fmt.Println(linkage.Statement(), answer) }
