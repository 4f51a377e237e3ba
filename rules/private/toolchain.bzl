"""The decorated Go toolchain.

rules_go's `ToolchainInfo` has a struct of functions, `actions`, and every rule that builds Go (go_library, go_binary, go_test, proto rules,
rules of other people) builds through them. The toolchains here resolve the real one and replace `archive`, `link` and `stdlib`
by functions that add our actions and then call the original.
"""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("@rules_go//go:def.bzl", "GoArchive")
load(":actions/main.bzl", "main_rules")
load(":archive.bzl", "archive", "link")
load(":check.bzl", "GOWEAVE_TYPE", "goweave_of")
load(":compat.bzl", "GO_TOOLCHAIN", "fields_of", "plain_stdlib")
load(":configuration.bzl", "is_tool_configuration")
load(":hooks.bzl", "new_hooks")
load(":index.bzl", "new_index")
load(":messages.bzl", "messages")
load(":providers.bzl", "GoInstrumentationSetInfo", "WovenStdInfo")
load(":transitions.bzl", "to_base", "to_hooks")
load(":versions.bzl", "go_message")

visibility(["//rules/..."])

def _stdlib(go):
    return plain_stdlib(go.toolchain._weaver.stdlib)

def _decorate(base, weaver, **actions):
    return platform_common.ToolchainInfo(**(fields_of(base) | {
        "actions": struct(**(fields_of(base.actions) | actions)),
        "_weaver": weaver,
    }))

def _target_of(attribute):
    """Returns the one target of a label attribute that has an outgoing transition."""
    return attribute[0] if type(attribute) == "list" else attribute

def _plain_go_toolchain_impl(ctx):
    base = ctx.toolchains[GO_TOOLCHAIN]
    return [_decorate(
        base,
        struct(stdlib = _target_of(ctx.attr._stdlib)),
        stdlib = _stdlib,
    )]

_COMMON_ATTRS = {
    # Built once, in the stage that plain and woven builds share.
    "_stdlib": attr.label(default = "@rules_go//:stdlib", cfg = to_base),
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}

plain_go_toolchain = rule(
    implementation = _plain_go_toolchain_impl,
    doc = "The user's Go toolchain, found by the same transition as a woven build finds it, so that both share their actions.",
    cfg = to_base,
    attrs = _COMMON_ATTRS,
    toolchains = [GO_TOOLCHAIN],
)

def _woven_go_toolchain_impl(ctx):
    base = ctx.toolchains[GO_TOOLCHAIN]
    stdlib = _target_of(ctx.attr._stdlib)
    if is_tool_configuration(ctx):
        return [_decorate(base, struct(stdlib = stdlib), stdlib = _stdlib)]

    said = go_message(base.sdk.version)
    if said.error:
        fail(said.error)
    if said.warning and ctx.attr.hooks:
        # buildifier: disable=print
        print(messages.warning(said.warning))

    instrumentations = _target_of(ctx.attr.instrumentations)[GoInstrumentationSetInfo].instrumentations
    hooks = None
    deps = None
    std = None
    if ctx.attr.hooks:
        built = _target_of(ctx.attr.hooks)[GoInstrumentationSetInfo].instrumentations
        hooks = new_hooks(ctx, built, runtime = _target_of(ctx.attr.runtime)[GoArchive])
        deps = [info.deps for info in built]
        std = _target_of(ctx.attr.std)[WovenStdInfo]

    return [_decorate(
        base,
        struct(
            base = base,
            stdlib = stdlib,
            tool = goweave_of(ctx),
            types_helper = ctx.attr._types_helper[DefaultInfo].files_to_run,
            compile_helper = ctx.attr._compile_helper[DefaultInfo].files_to_run,
            main_rules = main_rules(instrumentations),
            index = new_index(
                instrumentations,
                label = ctx.label,
                deps = deps,
                runtime = _target_of(ctx.attr._plain_runtime)[GoArchive],
            ),
            # Small, and the same for every program.
            hooks = hooks,
            std = std,
            tests = ctx.attr.tests[BuildSettingInfo].value == "on" if ctx.attr.tests else False,
        ),
        archive = archive,
        link = link,
        stdlib = _stdlib,
    )]

woven_go_toolchain = rule(
    implementation = _woven_go_toolchain_impl,
    doc = "The user's Go toolchain with a weave action before each compile that a rule matches.",
    cfg = to_base,
    attrs = _COMMON_ATTRS | {
        "hooks": attr.label(
            doc = "The same set as `instrumentations`, from which the hook libraries are taken. Unset where hook libraries themselves are built.",
            cfg = to_hooks,
            providers = [GoInstrumentationSetInfo],
        ),
        "instrumentations": attr.label(
            doc = "The go_instrumentation_set to apply.",
            cfg = to_base,
            mandatory = True,
            providers = [GoInstrumentationSetInfo],
        ),
        "runtime": attr.label(
            doc = "The library that the file generated for main packages uses.",
            cfg = to_hooks,
            providers = [GoArchive],
        ),
        "std": attr.label(
            doc = "The woven_std of the set.",
            cfg = to_base,
            providers = [WovenStdInfo],
        ),
        "tests": attr.label(
            doc = "The flag that says whether test binaries get the hook libraries.",
            providers = [BuildSettingInfo],
        ),
        # Of the stage base, as this rule is, and so built by the user's own toolchain.
        "_types_helper": attr.label(
            default = "//rules/toolchain:types",
            cfg = "exec",
            executable = True,
        ),
        "_compile_helper": attr.label(
            default = "//rules/toolchain:compile",
            cfg = "exec",
            executable = True,
        ),
        # Says which packages `runtime` consists of.
        "_plain_runtime": attr.label(
            default = "//runtime",
            cfg = to_base,
            providers = [GoArchive],
        ),
    },
    toolchains = [GO_TOOLCHAIN, GOWEAVE_TYPE],
)
