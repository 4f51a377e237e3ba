// Package other is in another module.
package other

import "runtime"

// Say says which Go compiled it.
func Say() string { return runtime.Version() }
