package net_http

import (
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// captured is a header whose values become an attribute, because the user has listed it. No other header does.
type captured struct {
	name string // as http.Header has it
	key  attribute.Key
}

// The listed headers: OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS and its kin have names between commas.
var (
	serverRequestHeaders  = listed("SERVER", "REQUEST")
	serverResponseHeaders = listed("SERVER", "RESPONSE")
	clientRequestHeaders  = listed("CLIENT", "REQUEST")
	clientResponseHeaders = listed("CLIENT", "RESPONSE")
)

func listed(side, message string) (all []captured) {
	for _, name := range hook.Setting("OTEL_INSTRUMENTATION_HTTP_" + side + "_CAPTURE_" + message + "_HEADERS") {
		all = append(all, captured{http.CanonicalHeaderKey(name), attribute.Key("http." + strings.ToLower(message) + ".header." + strings.ToLower(name))})
	}
	return all
}

// headerAttributes appends the listed headers that there are.
func headerAttributes(attrs []attribute.KeyValue, list []captured, header http.Header) []attribute.KeyValue {
	for _, c := range list {
		if values := header[c.name]; len(values) > 0 {
			attrs = append(attrs, c.key.StringSlice(values))
		}
	}
	return attrs
}
