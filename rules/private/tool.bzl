"""The weaver as a toolchain, and the repository that builds it from source."""

load(":check.bzl", "GOWEAVE_TYPE", "goweave_of")
load(":messages.bzl", "messages")
load(":providers.bzl", "GoweaveInfo")
load(":versions.bzl", "RUST_LOWEST", "rust_error")

# The repository made by goweave_source_repository loads goweave_toolchain.
visibility("public")

def _goweave_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        goweave = GoweaveInfo(tool = ctx.attr.tool[DefaultInfo].files_to_run),
    )]

goweave_toolchain = rule(
    implementation = _goweave_toolchain_impl,
    doc = "Makes a goweave executable a toolchain of type `//rules/toolchain:goweave`.",
    attrs = {
        "tool": attr.label(
            doc = "The goweave executable.",
            allow_single_file = True,
            cfg = "exec",
            executable = True,
            mandatory = True,
        ),
    },
)

def _goweave_program_impl(ctx):
    program = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = program,
        target_file = goweave_of(ctx).executable,
        is_executable = True,
    )
    return [DefaultInfo(
        executable = program,
        files = depset([program]),
        runfiles = ctx.runfiles([program] + ctx.files.data),
    )]

goweave_program = rule(
    implementation = _goweave_program_impl,
    doc = "The goweave of the toolchain, for `bazel run`.",
    attrs = {
        "data": attr.label_list(
            doc = "Files named in `args`.",
            allow_files = True,
        ),
    },
    executable = True,
    toolchains = [GOWEAVE_TYPE],
)

_BUILD = """\
load("{tool_bzl}", "goweave_toolchain")

package(default_visibility = ["//visibility:public"])

exports_files(["goweave"])

goweave_toolchain(
    name = "toolchain",
    tool = "goweave",
)
"""

def _goweave_source_repository_impl(rctx):
    root = rctx.path(Label("//:Cargo.toml")).realpath.dirname
    for name in ("Cargo.toml", "Cargo.lock"):
        rctx.watch(root.get_child(name))
    rctx.watch_tree(root.get_child("tool"))

    cargo = rctx.which("cargo")
    rustc = rctx.which("rustc")
    if not cargo or not rustc:
        fail(messages.no_rust(RUST_LOWEST))
    version = rctx.execute([rustc, "-vV"])
    host = [line[len("host: "):] for line in version.stdout.splitlines() if line.startswith("host: ")]
    if version.return_code or not host:
        fail(messages.rustc_failed(rustc, version.stderr))
    error = rust_error(version.stdout)
    if error:
        fail(error)

    # Kept, if there is a place for it, by people who build in many workspaces.
    kept = rctx.getenv("GOWEAVE_TARGET_DIR")
    target = kept or str(rctx.path("target"))
    home = rctx.getenv("CARGO_HOME") or "{}/.cargo".format(rctx.getenv("HOME") or "")
    flags = [
        # The bytes must not depend on where this machine keeps its sources.
        "--remap-path-prefix={}=/goweave".format(root),
        "--remap-path-prefix={}=/cargo".format(home),
    ]
    if host[0].endswith("-linux-gnu"):
        # One file that runs on every remote worker, whatever its libc.
        flags.append("-Ctarget-feature=+crt-static")

    rctx.report_progress("Building goweave from source with cargo")
    result = rctx.execute(
        [
            cargo,
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--package=goweave",
            # Without what only `goweave go` needs: the hooks, which would make the weaver another one when a hook changes.
            "--no-default-features",
            "--target=" + host[0],
            "--target-dir=" + target,
            "--manifest-path={}".format(root.get_child("Cargo.toml")),
        ],
        environment = {"CARGO_ENCODED_RUSTFLAGS": "\037".join(flags)},
        timeout = 1800,
        working_directory = str(root),
    )
    if result.return_code:
        fail(messages.cargo_failed(result.stderr))
    rctx.execute(["cp", "{}/{}/release/goweave".format(target, host[0]), str(rctx.path("goweave"))])
    if not kept:
        rctx.delete("target")
    rctx.file("BUILD.bazel", _BUILD.format(tool_bzl = Label("//rules/private:tool.bzl")))

goweave_source_repository = repository_rule(
    implementation = _goweave_source_repository_impl,
    doc = "Builds goweave from the sources in //tool with the machine's cargo, and again when one of them changes.",
    environ = ["CARGO_HOME", "HOME", "PATH"],
)
