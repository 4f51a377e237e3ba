//go:build !weave_no_otlp_http

package exporters

import _ "github.com/rules-go-weave/rules_go_weave/runtime/internal/otlphttp" // the OpenTelemetry protocol over HTTP
