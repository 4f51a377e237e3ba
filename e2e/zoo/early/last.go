// Package last is initialised after OpenTelemetry is, by its path.
package last

import "example.com/zoo/early"

var _ = early.At("last")
