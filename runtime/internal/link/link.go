// Package link says what a program can be built with, and what to do about that which it was built without.
package link

import "fmt"

// Error is about something that the environment asks for and that is not linked.
type Error struct{ asked, exporter string }

// Missing returns the error for a setting that asks for an exporter that is not linked.
func Missing(asked, exporter string) Error { return Error{asked, exporter} }

func (e Error) Error() string {
	if e.exporter == "metrics" {
		return e.asked + " is not available: the program was built without it; measuring nothing; help: build it with --@rules_go_weave//:metrics, or by goweave go without -tags=weave_no_metrics"
	}
	return fmt.Sprintf("%s is not available: the program was built without it; exporting nothing to it; help: build it with --@rules_go_weave//:exporters=otlp_http,%s, or by goweave go with -tags=weave_%s",
		e.asked, e.exporter, e.exporter)
}
