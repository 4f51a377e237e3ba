// Early does things while its packages are initialised: AT says where, KIND what, and END how that ends. In main it makes a
// statement.
package main

import (
	"example.com/early/acts"
	_ "example.com/early/first"
	_ "zzz.example/late"
)

var _ = acts.At("variables of main")

func init() { acts.At("main") }

func main() { acts.Main() }
