// Package exporters links the exporters that are chosen when a program is built, and no others; and metrics, unless they are left out.
//
// Bazel's setting --@rules_go_weave//:exporters has their names: otlp_http (the one that is chosen if nothing else is said),
// otlp_grpc, console, prometheus, and logs, which has log records exported too. Elsewhere the build tag weave_NAME chooses one
// more, and weave_no_otlp_http leaves the first one out. Bazel's setting --@rules_go_weave//:metrics=false leaves metrics out, elsewhere
// the build tag weave_no_metrics.
package exporters
