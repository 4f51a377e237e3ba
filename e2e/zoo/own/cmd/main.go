// Cmd greets each of its arguments.
package main

import (
	"fmt"
	"os"
	"text/tabwriter"

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
	table := tabwriter.NewWriter(os.Stdout, 0, 8, 1, '.', 0)
	fmt.Fprint(table, "a\tb\n")
	table.Flush()
}
