//go:build weave_prometheus

package exporters

import _ "github.com/rules-go-weave/rules_go_weave/runtime/internal/prometheus" // metrics for a Prometheus server to fetch
