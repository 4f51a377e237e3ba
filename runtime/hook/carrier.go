package hook

import (
	"net/http"

	"go.opentelemetry.io/otel/propagation"

	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// Carries reports whether propagator may find anything in header. It is false if the propagator is the one that OTEL_PROPAGATORS names and
// none of its headers is there.
func Carries(propagator propagation.TextMapPropagator, header http.Header) bool {
	known, own := sdk.Fields(propagator)
	if !own {
		return true
	}
	for _, name := range known {
		if _, there := header[name]; there {
			return true
		}
	}
	return false
}
