"""Output groups that show what was woven."""

load("@rules_go//go:def.bzl", "GoArchive")
load(":instrumentation.bzl", "GOWEAVE_TOOLCHAIN")

visibility(["//rules/..."])

def _weave_impl(target, ctx):
    if GoArchive not in target:
        return _forward(ctx)
    source = target[GoArchive].source
    note = getattr(source, "_weave", None)
    if not note:
        return []
    return [OutputGroupInfo(
        weave_report = _declare_report(ctx, target.label, note) if source.is_main else note.reports,
        weave_sources = note.outputs,
    )]

def _forward(ctx):
    """Of woven_binary and its kin: what their program has."""
    program = getattr(ctx.rule.attr, "program", None)
    if type(program) != "list" or len(program) != 1 or OutputGroupInfo not in program[0]:
        return []
    groups = program[0][OutputGroupInfo]
    if not hasattr(groups, "weave_report"):
        return []
    return [OutputGroupInfo(weave_report = groups.weave_report, weave_sources = groups.weave_sources)]

def _declare_report(ctx, label, note):
    """Declares the GoWeaveReport action for one program or test.

    Args:
      ctx: of the aspect.
      label: Label, of the program.
      note: what the toolchain notes on its main package.

    Returns:
      depset[File]: the report as JSON and as a page.
    """
    json = ctx.actions.declare_file(label.name + ".weave_report.json")
    html = ctx.actions.declare_file(label.name + ".weave_report.html")
    args = ctx.actions.args()
    args.use_param_file("@%s", use_always = False)
    args.set_param_file_format("multiline")
    args.add("--label", str(label) if label.repo_name else "//{}:{}".format(label.package, label.name))
    if not note.std:
        args.add("--without-hooks", "a test, and --@rules_go_weave//:tests is off")
    args.add("--json", json)
    args.add("--html", html)
    args.add_all(note.std_reports, before_each = "--std")
    args.add_all(note.reports)
    ctx.actions.run(
        executable = ctx.toolchains[GOWEAVE_TOOLCHAIN].goweave.tool,
        arguments = ["report", args],
        inputs = depset(transitive = [note.reports, note.std_reports]),
        outputs = [json, html],
        mnemonic = "GoWeaveReport",
        progress_message = "Reporting what was woven into %{label}",
        execution_requirements = {"supports-path-mapping": "1"},
        toolchain = GOWEAVE_TOOLCHAIN,
    )
    return depset([json, html])

weave = aspect(
    implementation = _weave_impl,
    doc = """Gives Go targets two output groups. Nothing is executed in builds that ask for neither.

`weave_report`: of a program or test one JSON file and one page, `NAME.weave_report.json` and `.html`: its packages, the rules, what was
woven with the lines before and after, and what was not and why. Of a library the report of each package, as JSON.
`weave_sources`: the woven files of the target and its dependencies, with those reports.""",
    attr_aspects = ["program"],
    toolchains = [GOWEAVE_TOOLCHAIN],
)
