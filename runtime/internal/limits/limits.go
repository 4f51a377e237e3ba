// Package limits keeps span limits that are no numbers from OpenTelemetry's API, which reads them where it is initialised and tells of
// each by slog: the SDK tells of it, too.
//
// It imports so little that Go initialises it before (https://go.dev/ref/spec#Package_initialization).
package limits

import (
	"os"
	"strconv"
)

// names are what go.opentelemetry.io/auto/sdk reads, and otel/trace since 1.39 or so.
var names = []string{
	"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT",
	"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
	"OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
	"OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
}

var hidden = hide()

func hide() map[string]string {
	all := map[string]string{}
	for _, name := range names {
		if s := os.Getenv(name); s != "" {
			if _, err := strconv.Atoi(s); err != nil {
				all[name] = s
				os.Unsetenv(name)
			}
		}
	}
	return all
}

// Restore puts into the environment what was hidden. Package initialisation calls it, and nothing else.
func Restore() {
	for name, s := range hidden {
		os.Setenv(name, s)
	}
	hidden = nil
}
