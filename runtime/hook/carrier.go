package hook

import (
	"net/http"

	"go.opentelemetry.io/otel/propagation"

	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// Carries tells whether it is worth while to have propagator read header. It is not, if the propagator is the one that
// OTEL_PROPAGATORS names and there is none of the headers that it knows.
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
