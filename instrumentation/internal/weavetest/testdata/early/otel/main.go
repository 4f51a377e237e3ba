// Otel is a program with spans of its own, made while its packages are initialised.
package main

import (
	"fmt"

	"example.com/early/otel/manual"
)

func main() { fmt.Println(manual.Spans) }
