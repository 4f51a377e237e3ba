// Cmd greets each of its arguments.
package main

import (
	"fmt"
	"os"

	"example.com/zoo/own"
)

func main() {
	for _, name := range os.Args[1:] {
		fmt.Println(own.Greet(name))
	}
	fmt.Println(own.Teapot)
}
