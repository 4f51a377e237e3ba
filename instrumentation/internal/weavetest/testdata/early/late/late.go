// Package late is initialised after all others but main.
package late

import "example.com/early/acts"

var _ = acts.At("last")
