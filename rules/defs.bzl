"""The rules for users: instrumentations, reports, single programs that are woven or plain, and toolchains for the weaver."""

# buildifier: disable=load
load("//rules/private:bzlmod.bzl", "HAS_BZLMOD")  # @unused
load("//rules/private:directives.bzl", _go_directives = "go_directives")
load(
    "//rules/private:instrumentation.bzl",
    _go_instrumentation = "go_instrumentation",
    _go_instrumentation_set = "go_instrumentation_set",
)
load(
    "//rules/private:programs.bzl",
    _plain_binary = "plain_binary",
    _plain_test = "plain_test",
    _woven_binary = "woven_binary",
    _woven_test = "woven_test",
)
load("//rules/private:report.bzl", _weave_report = "weave_report")
load("//rules/private:tool.bzl", _goweave_toolchain = "goweave_toolchain")

visibility("public")

go_directives = _go_directives
go_instrumentation = _go_instrumentation
go_instrumentation_set = _go_instrumentation_set
goweave_toolchain = _goweave_toolchain
plain_binary = _plain_binary
plain_test = _plain_test
weave_report = _weave_report
woven_binary = _woven_binary
woven_test = _woven_test
