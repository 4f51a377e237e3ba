"""The GoWeaveTypes action: what the type checker knows of a package, for rules that ask."""

load(":compat.bzl", "GO_TOOLCHAIN", "GO_TOOLCHAIN_LABEL", "depset_of", "installed_std", "sdk_experiments")
load(":weave.bzl", "add_target_args")

visibility(["//rules/..."])

# What goes into the environment of the go command says where it may write and that it shall look for nothing.
_BUILD = """\
set -eu
export HOME="$PWD/_goweave-types-${{1//\\//_}}" GOTOOLCHAIN=local GO111MODULE=off GOENV=off GOTELEMETRY=off GOFLAGS= CGO_ENABLED=0
trap '"{go}" clean -cache' EXIT
out="$1"
shift
"{go}" build -trimpath -ldflags='-s -w -buildid=' -o "$out" "$@"
"""

def _types_helper_impl(ctx):
    sdk = ctx.toolchains[GO_TOOLCHAIN].sdk
    out = ctx.actions.declare_file(ctx.label.name)
    args = ctx.actions.args()
    args.add(out)
    args.add_all(ctx.files.srcs)
    ctx.actions.run_shell(
        command = _BUILD.format(go = sdk.go.path),
        arguments = [args],
        inputs = depset(ctx.files.srcs + [sdk.root_file], transitive = [depset_of(sdk.headers), depset_of(sdk.srcs), depset_of(sdk.libs)]),
        tools = depset([sdk.go], transitive = [depset_of(sdk.tools)]),
        outputs = [out],
        env = {"GOEXPERIMENT": sdk_experiments(sdk)},
        mnemonic = "GoWeaveTypesHelper",
        progress_message = "Building the types helper of goweave %{label}",
        toolchain = GO_TOOLCHAIN_LABEL,
    )
    return [DefaultInfo(files = depset([out]), executable = out)]

types_helper = rule(
    implementation = _types_helper_impl,
    doc = """Builds the types helper with the user's Go SDK, without rules_go's own actions: it is part of a toolchain.

The standard library of the exec configuration is not needed for that; the go command builds the few packages.
""",
    attrs = {
        "srcs": attr.label_list(allow_files = [".go"], mandatory = True),
    },
    executable = True,
    toolchains = [GO_TOOLCHAIN],
)

def declare_types(go, *, helper, name, importpath, srcs, rules, deps = [], external_tests = True, std = False):
    """Declares the GoWeaveTypes action for one package.

    Args:
      go: rules_go's context.
      helper: FilesToRunProvider of the types helper.
      name: string, unique among the packages that this rule compiles.
      importpath: string, of the package.
      srcs: list[File], its Go files.
      rules: list[File], the lowered rules that ask for types.
      deps: list[GoArchive], its direct dependencies.
      external_tests: bool, whether files of a package `p_test` are part of the package.
      std: bool, whether this is a package of the standard library.

    Returns:
      File: what `goweave weave --types` reads.
    """
    out = go.actions.declare_file(name + ".weave_types.json")
    args = go.actions.args()
    args.use_param_file("@%s", use_always = False)
    args.set_param_file_format("multiline")
    args.add("-importpath", importpath)
    add_target_args(args, go)
    if not external_tests:
        args.add("-no-external-tests")
    if std:
        args.add("-std")
    args.add_all(rules, before_each = "-rules")
    for d in deps:
        args.add_all([d.data.export_file], before_each = "-archive", format_each = d.data.importmap + "=%s")
        for written in [d.data.importpath] + list(d.data.importpath_aliases):
            if written != d.data.importmap:
                args.add("-map", "{}={}".format(written, d.data.importmap))
    stdlib = installed_std(go)
    args.add_all([stdlib.root], before_each = "-stdlib", format_each = "%s" + stdlib.below, expand_directories = False)
    args.add("-out", out)
    args.add_all(srcs)
    go.actions.run(
        executable = helper,
        arguments = [args],
        inputs = depset(srcs + rules + [d.data.export_file for d in deps], transitive = [stdlib.files]),
        outputs = [out],
        mnemonic = "GoWeaveTypes",
        progress_message = "Checking the types of Go package {} %{{label}}".format(importpath),
        execution_requirements = {"supports-path-mapping": "1"},
        toolchain = GO_TOOLCHAIN_LABEL,
    )
    return out
