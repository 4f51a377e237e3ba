// Package finding has what the analyzers look for.
package finding

import "example.com/zoo/kinds/lib"

func weaveFinding() {}

var _, _ = weaveFinding, lib.SaySum
