"""What users load: rules to state instrumentations of their own."""

load(
    "//rules/private:instrumentation.bzl",
    _go_instrumentation = "go_instrumentation",
    _go_instrumentation_set = "go_instrumentation_set",
)

visibility("public")

go_instrumentation = _go_instrumentation
go_instrumentation_set = _go_instrumentation_set
