"""The warning of a build that is asked to be woven and is not, once.

Nothing of this module is analysed in a build that does not register its toolchains, or has another Go toolchain before them, however
the flag `//:weave` is set. So this module registers one toolchain of a type that nobody asks for. Bazel analyses it in every
configuration for what it is compatible with: a setting, which looks, where the flag is `on`, for the Go toolchain that the build gets.
It looks in the stage `probe`, since a setting that depended on the toolchains of its own configuration would depend on itself.
"""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load(":configuration.bzl", "go_tool_transition", "is_tool_configuration")
load(":messages.bzl", "messages")
load(":transitions.bzl", "to_probe")

visibility(["//rules/..."])

_GO_TOOLCHAIN = "@rules_go//go:toolchain"
_REGISTERED = "//rules/check:registered"

GOWEAVE_TOOLCHAIN = "//rules/toolchain:goweave"

# For rules that say themselves what to do where there is none, by `goweave_of`.
GOWEAVE_TYPE = config_common.toolchain_type(GOWEAVE_TOOLCHAIN, mandatory = False)

def goweave_of(ctx, label = None):
    """Returns the weaver: FilesToRunProvider.

    Args:
      ctx: of a rule or aspect with GOWEAVE_TYPE among its toolchains.
      label: Label, for the message; that of the target if not given.
    """
    found = ctx.toolchains[GOWEAVE_TOOLCHAIN]
    if not found:
        fail(messages.no_weaver(label or ctx.label))
    return found.goweave.tool

def _probe_toolchain_impl(_ctx):
    return [platform_common.ToolchainInfo(weave_probe = True)]

probe_toolchain = rule(
    implementation = _probe_toolchain_impl,
    doc = "Stands where the woven toolchain would, in the stage `probe`.",
)

def _say(text):
    # buildifier: disable=print
    print(messages.warning(text))

def _probe_impl(ctx):
    if is_tool_configuration(ctx):
        return []
    found = ctx.toolchains[_GO_TOOLCHAIN]
    if not ctx.toolchains[_REGISTERED]:
        _say(messages.not_registered())
    elif found and not hasattr(found, "weave_probe"):
        _say(messages.another_first())
    elif found and not any([ctx.target_platform_has_constraint(system[platform_common.ConstraintValueInfo]) for system in ctx.attr._systems]):
        _say(messages.other_system())
    return []

probe = rule(
    implementation = _probe_impl,
    doc = "Says why a build is not woven. No mode of a program counts, so it is said once for all of them.",
    cfg = go_tool_transition,
    attrs = {
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
        "_systems": attr.label_list(default = ["@platforms//os:" + system for system in ["freebsd", "linux", "macos", "windows"]]),
    },
    toolchains = [
        config_common.toolchain_type(_GO_TOOLCHAIN, mandatory = False),
        config_common.toolchain_type(_REGISTERED, mandatory = False),
    ],
)

def _checked_impl(ctx):
    return [BuildSettingInfo(value = ctx.build_setting_value)]

checked = rule(
    implementation = _checked_impl,
    doc = "The setting.",
    build_setting = config.string(),
    attrs = {
        "probe": attr.label(cfg = to_probe),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
