// Command ver uses a package of a module, which has a version, and one of this repository, which has none.
package main

import (
	"github.com/cespare/xxhash/v2"

	"example.com/shapes/ver/own"
)

func main() {
	own.Say()
	println(xxhash.New().Size())
}
