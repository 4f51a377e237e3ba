"""Single programs and tests that are woven or plain independently of the rest of the build."""

load(":configuration.bzl", "go_tool_transition")
load(":transitions.bzl", "to_off", "to_on", "to_test")

visibility(["//rules/..."])

def _program_impl(ctx):
    # The attribute has an outgoing transition, so it is a list of one.
    target = ctx.attr.program[0]
    info = target[DefaultInfo]
    source = info.files_to_run.executable
    extension = "." + source.extension if source.extension else ""
    program = ctx.actions.declare_file(ctx.label.name + extension)
    ctx.actions.symlink(output = program, target_file = source, is_executable = True)
    providers = [DefaultInfo(
        executable = program,
        files = depset([program]),
        runfiles = ctx.runfiles([program]).merge(info.default_runfiles),
    )]
    for provider in (RunEnvironmentInfo, OutputGroupInfo):
        if provider in target:
            providers.append(target[provider])
    return providers

def _program_of_stage(what, to, *, test, attrs = {}):
    return rule(
        implementation = _program_impl,
        doc = what,
        attrs = attrs | {
            "program": attr.label(
                doc = "The go_{} target.".format("test" if test else "binary"),
                cfg = to,
                executable = True,
                mandatory = True,
            ),
            "_allowlist_function_transition": attr.label(
                default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
            ),
        },
        executable = not test,
        test = test,
    )

woven_binary = _program_of_stage("A program that is woven even in a plain build.", to_on, test = False)
plain_binary = _program_of_stage("A program that is plain even in a woven build.", to_off, test = False)
woven_test = _program_of_stage(
    "A test whose packages are woven even in a plain build.",
    to_test,
    test = True,
    attrs = {
        "hooks": attr.bool(
            doc = "Whether the test gets hooks, independently of `--@rules_go_weave//:tests`. Without them, hooks in the woven code are nil.",
        ),
    },
)
plain_test = _program_of_stage("A test whose packages are plain even in a woven build.", to_off, test = True)

# The exec configuration keeps the modes of what is built: a plugin's tools would be plugins, and each mode would have its own.
tool_program = _program_of_stage("A program that runs in the build, built as rules_go builds its tools.", go_tool_transition, test = False)
