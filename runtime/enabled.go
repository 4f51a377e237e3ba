// Package weaveruntime has the functions that a generated main file calls: whether an instrumentation is on, and how exits of hooks
// are deferred.
//
// It imports little, so that programs whose hooks have nothing to do with telemetry link nothing of it.
package weaveruntime

import (
	"sync"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/declarative"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// Enabled reports whether the instrumentation called name is on.
//
// OTEL_SDK_DISABLED=true switches every instrumentation off.
// Otherwise OTEL_INSTRUMENTATION_<NAME>_ENABLED decides, where <NAME> is the name in upper case with every byte that is
// neither a letter nor a digit replaced by an underscore; where that is not set, OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED
// does, and the default is on.
func Enabled(name string) bool {
	on := !Disabled() && env.Bool(Variable(name))
	tell(name, on)
	return on
}

// told has the names that tell was called with.
var told sync.Map

// tell says of an instrumentation whether it is on, once, where somebody asked for it.
func tell(name string, on bool) {
	if !env.Diagnosing() {
		return
	}
	if _, again := told.LoadOrStore(name, true); again {
		return
	}
	switch variable := Variable(name); {
	case on:
		warn.Tell(name + " is linked and on")
	case Disabled():
		warn.Tell(name + " is linked, but switched off by OTEL_SDK_DISABLED")
	case env.Set(variable):
		warn.Tell(name + " is linked, but switched off by " + variable)
	default:
		warn.Tell(name + " is linked, but off by default: set " + variable + "=true")
	}
}

// Disabled reports whether OTEL_SDK_DISABLED turns all telemetry off.
func Disabled() bool { return env.Bool("OTEL_SDK_DISABLED") }

// ErrorTexts reports whether error texts of databases are recorded, by OTEL_GO_WEAVE_DB_ERROR_TEXT=true: they may contain values that are
// masked in statements.
func ErrorTexts() bool { return env.Bool("OTEL_GO_WEAVE_DB_ERROR_TEXT") }

// Variable returns the environment variable that turns the instrumentation called name on or off.
func Variable(name string) string {
	return "OTEL_INSTRUMENTATION_" + declarative.Variable(name) + "_ENABLED"
}
