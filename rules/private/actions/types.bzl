"""The GoWeaveTypes action: what the type checker knows of a package, for rules that ask."""

load(":actions/weave.bzl", "add_target_args")
load(":compat.bzl", "GO_TOOLCHAIN_LABEL", "installed_std")

visibility(["//rules/..."])

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
