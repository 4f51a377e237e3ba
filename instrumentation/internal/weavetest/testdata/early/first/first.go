// Package first is initialised before OpenTelemetry is.
package first

import "example.com/early/acts"

var _ = acts.At("first")
