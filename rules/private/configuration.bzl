"""Facts about a configuration. Light, because every build that has this module loads it (see check.bzl)."""

# buildifier: disable=bzl-visibility
load("@rules_go//go/private/rules:transition.bzl", _go_tool_transition = "go_tool_transition")

visibility(["//rules/..."])

# To the configuration in which rules_go builds its own tools: no mode of the program that is built with them counts.
go_tool_transition = _go_tool_transition

def is_tool_configuration(ctx):
    """Returns whether a target is built to run during the build."""
    return is_tool_directory(ctx.bin_dir.path)

def is_tool_directory(path):
    """Returns whether an output directory is one of what is built to run during the build.

    No Bazel has a public way to ask. It names the directories of the exec configuration `<cpu>-<compilation mode>-exec[-ST-<hash>]`; from
    Bazel 9 on the platform's name may stand in place of the CPU, which is why the mode is looked for, too.

    Args:
      path: string, as `ctx.bin_dir.path` has it.
    """
    parts = path.split("/")
    name = parts[1] + "-" if len(parts) > 1 else ""
    return any(["-{}-exec-".format(mode) in name for mode in ("fastbuild", "dbg", "opt")])
