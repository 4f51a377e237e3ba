// Package first is initialised before OpenTelemetry is, by its path.
package first

import "example.com/zoo/early"

var _ = early.At("first")
