"""go_instrumentation and go_instrumentation_set."""

load("@rules_go//go:def.bzl", "GoArchive", "GoInfo")
load(":providers.bzl", "GoInstrumentationInfo", "GoInstrumentationSetInfo")

visibility(["//rules/..."])

GOWEAVE_TOOLCHAIN = "//rules/toolchain:goweave"

def _file_name(importpath):
    """Returns a file name for an import path: injective, and readable."""
    return importpath.replace("_", "__").replace("/", "_")

def _go_instrumentation_impl(ctx):
    tool = ctx.toolchains[GOWEAVE_TOOLCHAIN].goweave.tool
    name = ctx.attr.instrumentation_name or ctx.label.name
    hooks = ctx.attr.hooks

    targets = {
        importpath: ctx.actions.declare_file("{}.rules/{}.json".format(ctx.label.name, _file_name(importpath)))
        for importpath in ctx.attr.targets
    }
    main_rules = ctx.actions.declare_file(ctx.label.name + ".rules.main.json")

    args = ctx.actions.args()
    args.use_param_file("@%s", use_always = False)
    args.set_param_file_format("multiline")
    args.add("--instrumentation-name", name)
    args.add("--rules", ctx.file.rules)
    hook_srcs = []
    if hooks:
        hook_srcs = [f for f in hooks[GoInfo].srcs if f.extension == "go"]
        args.add("--hooks-importpath", hooks[GoInfo].importpath)
        args.add_all(hook_srcs, before_each = "--hook-file")
    for importpath, out in targets.items():
        args.add_all([out], before_each = "--target", format_each = importpath + "=%s")
    args.add("--main", main_rules)

    ctx.actions.run(
        executable = tool,
        arguments = ["lower", args],
        inputs = [ctx.file.rules] + hook_srcs,
        outputs = targets.values() + [main_rules],
        mnemonic = "GoWeaveRules",
        progress_message = "Reading the rules of Go instrumentation %{label}",
        execution_requirements = {"supports-path-mapping": "1"},
        toolchain = GOWEAVE_TOOLCHAIN,
    )
    return [
        DefaultInfo(files = depset(targets.values() + [main_rules])),
        GoInstrumentationInfo(
            name = name,
            targets = targets,
            main_rules = main_rules,
            hooks = hooks[GoArchive] if hooks else None,
            support = ctx.attr.support,
        ),
    ]

go_instrumentation = rule(
    implementation = _go_instrumentation_impl,
    doc = """A set of rules for some packages and the Go library of hooks that the rules call.

The rules that concern a package, and nothing else of this target, are inputs of that package's weave action.
""",
    attrs = {
        "hooks": attr.label(
            doc = "The go_library with the hook functions. Not needed by rules that only add declarations.",
            providers = [GoArchive, GoInfo],
        ),
        "instrumentation_name": attr.string(
            doc = "The name in reports and in OTEL_INSTRUMENTATION_<NAME>_ENABLED; must be the `name` of the rules file. By default the target's name.",
        ),
        "rules": attr.label(
            doc = "The rules file (see tool/rules/README.md).",
            allow_single_file = [".yaml", ".yml"],
            mandatory = True,
        ),
        "support": attr.bool(
            doc = "Whether this instrumentation serves others: it applies to every program that another one applies to, and to no other program.",
        ),
        "targets": attr.string_list(
            doc = "Import paths of all packages that the rules name. Bazel must know them before it can read the rules file; a difference between the two is an error.",
            mandatory = True,
        ),
    },
    toolchains = [GOWEAVE_TOOLCHAIN],
)

def _go_instrumentation_set_impl(ctx):
    infos = []
    for target in ctx.attr.instrumentations:
        if GoInstrumentationSetInfo in target:
            infos.extend(target[GoInstrumentationSetInfo].instrumentations)
        else:
            infos.append(target[GoInstrumentationInfo])
    names = {}
    for info in infos:
        if info.name in names:
            fail("{}: two instrumentations are named {}; give one of them another instrumentation_name".format(ctx.label, info.name))
        names[info.name] = True
    return [GoInstrumentationSetInfo(instrumentations = infos)]

go_instrumentation_set = rule(
    implementation = _go_instrumentation_set_impl,
    doc = "Several instrumentations, applied in this order. Choose one by `--@rules_go_weave//:instrumentations=//your:set`.",
    attrs = {
        "instrumentations": attr.label_list(
            doc = "go_instrumentation or go_instrumentation_set targets.",
            providers = [[GoInstrumentationInfo], [GoInstrumentationSetInfo]],
        ),
    },
)
