//go:build weave_console

package exporters

import _ "github.com/rules-go-weave/rules_go_weave/runtime/internal/console" // spans, metrics and log records as JSON on stdout
