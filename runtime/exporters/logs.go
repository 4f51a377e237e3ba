//go:build weave_logs

package exporters

import _ "github.com/rules-go-weave/rules_go_weave/runtime/internal/logs" // log records, by the exporters that are chosen
