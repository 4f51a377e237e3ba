//go:build !weave_no_metrics

package exporters

import _ "github.com/rules-go-weave/rules_go_weave/runtime/internal/metrics" // metrics, by the exporters that are chosen
