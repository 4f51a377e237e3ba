"""The rule that builds the Go programs that actions run: the types helper, and what runs rules_go's builder for woven packages."""

load(":compat.bzl", "GO_TOOLCHAIN", "GO_TOOLCHAIN_LABEL", "depset_of", "sdk_experiments")

visibility(["//rules/..."])

# What goes into the environment of the go command says where it may write and that it shall look for nothing.
_BUILD = """\
set -eu
export HOME="$PWD/_goweave-helper-${{1//\\//_}}" GOTOOLCHAIN=local GO111MODULE=off GOENV=off GOTELEMETRY=off GOFLAGS= CGO_ENABLED=0
trap '"{go}" clean -cache' EXIT
out="$1"
shift
"{go}" build -trimpath -ldflags='-s -w -buildid=' -o "$out" "$@"
"""

def _go_helper_impl(ctx):
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
        mnemonic = "GoWeaveHelper",
        progress_message = "Building a helper of goweave %{label}",
        toolchain = GO_TOOLCHAIN_LABEL,
    )
    return [DefaultInfo(files = depset([out]), executable = out)]

go_helper = rule(
    implementation = _go_helper_impl,
    doc = """Builds a Go program with the user's Go SDK, without rules_go's own actions: it is part of a toolchain.

The standard library of the exec configuration is not needed for that; the go command builds the few packages.
""",
    attrs = {
        "srcs": attr.label_list(allow_files = [".go"], mandatory = True),
    },
    executable = True,
    toolchains = [GO_TOOLCHAIN],
)
