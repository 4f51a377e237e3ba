"""The GoWeaveMain action: what connects hook libraries to a program.

Which packages of the standard library a program uses is in its sources and in the export data of its dependencies, not in the build graph.
So this action reads them and writes a file for the main package that imports the hook libraries that apply. Where none applies, the file
has a build constraint that no build meets, and the support packages are the plain ones: the program is then the plain program.
"""

load(":actions/weave.bzl", "add_target_args")
load(":compat.bzl", "GO_TOOLCHAIN_LABEL", "depset_of", "installed_std_archive", "linked_with_c", "std_link_inputs")

visibility(["//rules/..."])

# The packages of the standard library that are built with cgo and that hooks may bring into a program.
CGO_PACKAGES = ["net", "os/user", "runtime/cgo"]

# Where Go links cgo without a C linker, and archives were linked without C, on Linux. macOS and Windows have no programs without the
# system's libraries, and their `net` and `os/user` have no cgo.
_KNOWN_OBJECTS = ["amd64", "arm64"]

def main_rules(instrumentations):
    """Returns what GoWeaveMain actions read of all instrumentations.

    Args:
      instrumentations: list[GoInstrumentationInfo].

    Returns:
      A struct with depsets of Files: applied, and support, of those that serve others.
    """
    return struct(
        applied = depset([i.main_rules for i in instrumentations if not i.support]),
        support = depset([i.main_rules for i in instrumentations if i.support]),
    )

def declare_main(go, *, tool, name, source, exports, facts, rules, hooks, std, cgo):
    """Declares the GoWeaveMain action for one main package.

    Args:
      go: rules_go's context.
      tool: FilesToRunProvider of goweave.
      name: string, unique among the packages that this rule compiles.
      source: what `describe` returns, of the main package with its original sources.
      exports: depset[File], export data of the main package's dependencies.
      facts: depset[File], what was woven into packages of the program, the main package included.
      rules: what `main_rules` returns.
      hooks: what new_hooks returns.
      std: WovenStdInfo.
      cgo: list[File], export data of those packages of its hook libraries that may be compiled with cgo.

    Returns:
      A struct with
        src: File, to compile with the main package.
        report: File, which instrumentations apply and why, as JSON.
        unlinked: File, the paths of those files of hook libraries that the program does not need, one a line.
        support: what `std_link_inputs` of compat.bzl returns, of the packages of support instrumentations, plain or woven, and
          of those that are linked without cgo.
    """
    src = go.actions.declare_file(name + "_weave/zz_weave_main.go")
    report = go.actions.declare_file(name + ".weave_main.json")
    unlinked = go.actions.declare_file(name + ".weave_unlinked")
    go_srcs = [f for f in source.srcs if f.extension == "go"]

    args = go.actions.args()
    args.use_param_file("@%s", use_always = False)
    args.set_param_file_format("multiline")
    args.add("--package-path", source.importpath)
    add_target_args(args, go)
    args.add_all(go_srcs, before_each = "--main-src")
    for d in source.deps:
        for written in [d.data.importpath] + list(d.data.importpath_aliases):
            if written != d.data.importmap:
                args.add_all([written], before_each = "--map", format_each = "%s=" + d.data.importmap.replace("%", "%%"))
    args.add_all(exports, before_each = "--export")
    args.add("--std-graph", std.graph)
    args.add_all(facts, before_each = "--facts")
    args.add_all(std.facts, before_each = "--facts")
    args.add_all(rules.applied, before_each = "--main-rules")
    args.add_all(rules.support, before_each = "--support-rules")
    args.add_all(hooks.carried, before_each = "--carried")
    args.add("--out", src)
    args.add("--report", report)
    args.add("--hook-files", hooks.files)
    args.add("--unlinked", unlinked)
    chosen = []
    for package in std.support:
        out = go.actions.declare_file("{}_weave/std/{}.a".format(name, package.importmap))
        args.add("--select", "{}={}={}={}".format(
            package.importmap,
            installed_std_archive(go, package.importmap),
            package.file.path,
            out.path,
        ))
        chosen.append(struct(label = package.label, importmap = package.importmap, file = out))

    inputs = go_srcs + [std.graph, hooks.files]
    if linked_with_c(go):
        args.add("--c-library")
    elif not go.mode.pure and go.mode.goos == "linux" and go.mode.goarch in _KNOWN_OBJECTS and not std.cgo:
        args.add_all(cgo, before_each = "--hooks-with-cgo")
        inputs.extend(cgo)
        for importpath in CGO_PACKAGES:
            out = go.actions.declare_file("{}_weave/std/{}.a".format(name, importpath))
            args.add("--without-cgo", "{}={}={}".format(importpath, installed_std_archive(go, importpath), out.path))
            chosen.append(struct(label = go.label, importmap = importpath, file = out))

    go.actions.run(
        executable = tool,
        arguments = ["main", args],
        inputs = depset(
            # Nothing is linked before the woven packages of the standard library are found to fit.
            inputs + [p.file for p in std.support] + ([std.checked] if std.checked else []),
            transitive = [rules.applied, rules.support, exports, facts, std.facts, depset_of(go.stdlib.libs)],
        ),
        outputs = [src, report, unlinked] + [p.file for p in chosen],
        mnemonic = "GoWeaveMain",
        progress_message = "Connecting hooks to Go program %{label}",
        toolchain = GO_TOOLCHAIN_LABEL,
    )
    return struct(src = src, report = report, unlinked = unlinked, support = std_link_inputs(chosen))
