// Cmd greets each of its arguments.
package main

import (
	"fmt"
	"os"

	"github.com/cespare/xxhash/v2"

	"example.com/zoo/own"
	"example.com/zoo/own/tiny"
)

func main() {
	for _, name := range os.Args[1:] {
		fmt.Println(own.Greet(name))
	}
	fmt.Println(own.Teapot)
	fmt.Println(tiny.Double(21), xxhash.Sum64String("gopher"))
	os.Stdout.WriteString("")
}
