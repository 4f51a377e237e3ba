"""Output groups that show what was woven."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("@rules_go//go:def.bzl", "GoArchive")
load(":actions/report.bzl", "declare_program_report", "declare_report", "declare_required")
load(":check.bzl", "GOWEAVE_TYPE")
load(":compat.bzl", "GO_TOOLCHAIN", "describe")
load(":messages.bzl", "messages")

visibility(["//rules/..."])

_REGISTERED = "//rules/check:registered"

_ReportInfo = provider(
    doc = "The report of a program or test.",
    fields = {"json": "File"},
)

def _weave_impl(target, ctx):
    if GoArchive not in target:
        return _forward(ctx)
    source = target[GoArchive].source
    note = getattr(source, "_weave", None)
    go_toolchain = ctx.toolchains[GO_TOOLCHAIN]
    if ctx.attr._stage[BuildSettingInfo].value == "on":
        if not ctx.toolchains[_REGISTERED]:
            fail(messages.not_registered(target.label))
        if go_toolchain and not hasattr(go_toolchain, "_weaver"):
            fail(messages.another_first_for(target.label))
    if not note:
        return []
    if not describe(source).is_main:
        return [OutputGroupInfo(weave_report = note.reports, weave_sources = note.outputs)]
    report = declare_program_report(ctx, target.label, note)
    return [
        OutputGroupInfo(weave_report = depset([report.json, report.html]), weave_sources = note.outputs),
        _ReportInfo(json = report.json),
    ]

def _forward(ctx):
    """Forwards the reports of the program of a woven_binary or similar."""
    program = getattr(ctx.rule.attr, "program", None)
    if type(program) != "list" or len(program) != 1 or OutputGroupInfo not in program[0]:
        return []
    groups = program[0][OutputGroupInfo]
    if not hasattr(groups, "weave_report"):
        return []
    return [
        OutputGroupInfo(weave_report = groups.weave_report, weave_sources = groups.weave_sources),
        program[0][_ReportInfo],
    ]

weave = aspect(
    implementation = _weave_impl,
    doc = """Gives Go targets two output groups. Builds that request neither run no additional action.

`weave_report`: for a program or test one JSON file and one page, `NAME.weave_report.json` and `.html`: its packages, the rules, the woven
lines before and after, and what did not match and why. For a library, the report of each package, as JSON.
`weave_sources`: the woven files of the target and its dependencies, with their reports.""",
    attr_aspects = ["program"],
    attrs = {"_stage": attr.label(
        default = "//:weave",
        providers = [BuildSettingInfo],
    )},
    # Not every target that is asked for is Go.
    toolchains = [
        config_common.toolchain_type(GO_TOOLCHAIN, mandatory = False),
        GOWEAVE_TYPE,
        config_common.toolchain_type(_REGISTERED, mandatory = False),
    ],
)

def _weave_report_impl(ctx):
    for target in ctx.attr.programs:
        if _ReportInfo not in target:
            fail(messages.no_program(ctx.label, target.label))
    report = declare_report(ctx, [target[_ReportInfo].json for target in ctx.attr.programs])
    made = depset([report.json, report.html])
    groups = {"weave_report": made}
    if ctx.attr.required:
        # A validation action: the build fails by it, and the report that says why is made all the same.
        groups["_validation"] = depset([declare_required(ctx, report.json)])
    return [DefaultInfo(files = made), OutputGroupInfo(**groups)]

_weave_report = rule(
    implementation = _weave_report_impl,
    doc = "One report of several programs; see the macro.",
    attrs = {
        "programs": attr.label_list(
            doc = "go_binary and go_test targets, or woven_binary and its kin.",
            allow_empty = False,
            aspects = [weave],
            mandatory = True,
        ),
        "required": attr.string_list(
            doc = "Names of instrumentations; see the macro.",
        ),
    },
    toolchains = [GOWEAVE_TYPE],
)

def weave_report(name, programs, required = [], **kwargs):
    """Reports what was woven into several programs, as `NAME.json` and as one page, `NAME.html`.

    In a plain build there is nothing to report: the target is incompatible, and wildcards skip it.

    Args:
      name: of the target.
      programs: labels of go_binary and go_test targets, or of woven_binary and its kin.
      required: list[string], names of instrumentations, as in `instrumentation_name` of go_instrumentation and in weave.instrumentations.
        If no rule of one of them is woven, with its hooks, into any of the programs, the build fails: by a validation action, so also
        if the target is requested by a wildcard such as `//...`, but not with `--norun_validations`.
      **kwargs: attributes common to all rules, such as `visibility`.
    """
    _weave_report(
        name = name,
        programs = programs,
        required = required,
        target_compatible_with = select({
            Label("//rules/toolchain:stage_on"): [],
            "//conditions:default": [Label("@platforms//:incompatible")],
        }),
        **kwargs
    )
