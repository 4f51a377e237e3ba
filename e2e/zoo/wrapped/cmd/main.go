// A program that says which toolchain has linked it.
package main

import (
	"fmt"

	"example.com/zoo/own"
)

var linkedBy = "rules_go"

func main() {
	greeting, err := own.Greet("you")
	fmt.Println(greeting, err, "linked by", linkedBy)
}
