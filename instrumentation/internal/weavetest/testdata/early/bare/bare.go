// Package bare imports nothing, and so is initialised before all that the hooks of its directives need.
package bare

// Done is what its functions return.
var Done = spanned() + logged(1)

//weave:span
//
//go:noinline
func spanned() int { return 1 }

//weave:log level:debug
//
//go:noinline
func logged(n int) (twice int) { return 2 * n }
