"""woven_std: the packages of the standard library that rules match, compiled from woven sources.

Everything else compiles against the plain standard library; the linker gets these archives in place of the plain ones.
It refuses an archive whose export data differ from those that the rest was compiled against; GoWeaveStdCheck says so before, and which rule it is.
"""

load(":actions/main.bzl", "CGO_PACKAGES")
load(":actions/types.bzl", "declare_types")
load(":actions/weave.bzl", "add_target_args", "declare_weave", "rewrite")
load(":check.bzl", "GOWEAVE_TOOLCHAIN", "GOWEAVE_TYPE", "goweave_of")
load(
    ":compat.bzl",
    "GO_RULE_ATTRS",
    "GO_RULE_FRAGMENTS",
    "GO_RULE_TOOLCHAINS",
    "as_stdlib",
    "context",
    "depset_of",
    "installed_std_archive",
    "package_srcs_by_dir",
    "rewrites_opt",
    "std_go_info",
    "std_link_inputs",
    "told_as_plain",
    "with_rewrites",
)
load(":index.bzl", "std_rules")
load(":providers.bzl", "GoInstrumentationSetInfo", "WovenStdInfo")

visibility(["//rules/..."])

# Folders of $GOROOT/src that programs do not import from, and packages that nothing is compiled for.
_NO_PACKAGES = ["builtin", "cmd", "testdata", "unsafe", "vendor"]

def _checked(go, *, tool, packages):
    """Declares the GoWeaveStdCheck action, which fails where the linker would: where the export data of woven packages are others.

    Args:
      go: rules_go's context.
      tool: FilesToRunProvider of goweave.
      packages: list[struct(importpath, export, report, places)], the woven packages: their export data, what `goweave weave --report`
        wrote of them, and list[File], where their rules stand.

    Returns:
      File, an empty one, which nothing is linked without.
    """
    out = go.actions.declare_file(go.label.name + "/checked")
    unused = go.actions.declare_file(go.label.name + "/checked_unused")
    places = depset([f for p in packages for f in p.places])
    args = go.actions.args()
    args.add_all(
        ["=".join([p.importpath, installed_std_archive(go, p.importpath), p.export.path, p.report.path]) for p in packages],
        before_each = "--package",
    )
    args.add_all(places, before_each = "--places")
    args.add("--unused-inputs", unused)
    args.add("--out", out)
    go.actions.run(
        executable = tool,
        arguments = ["stdcheck", args],
        inputs = depset([p.export for p in packages] + [p.report for p in packages], transitive = [places, depset_of(go.stdlib.libs)]),
        outputs = [out, unused],
        unused_inputs_list = unused,
        mnemonic = "GoWeaveStdCheck",
        progress_message = "Comparing woven Go packages of the standard library with the plain ones %{label}",
        toolchain = GOWEAVE_TOOLCHAIN,
    )
    return out

def _woven_std_impl(ctx):
    go = context(ctx)
    plain = as_stdlib(go)
    tool = goweave_of(ctx)
    by_dir = package_srcs_by_dir(go.sdk)

    packages = [
        importpath
        for importpath, files in by_dir.items()
        if importpath.partition("/")[0] not in _NO_PACKAGES and any([f.extension == "go" and not f.basename.endswith("_test.go") for f in files])
    ]
    always = []
    chosen = []
    outputs = []
    reports = []
    facts = []
    to_check = []
    for importpath, found in std_rules(ctx.attr.instrumentations[GoInstrumentationSetInfo].instrumentations, packages).items():
        support = all([r.info.support for r in found])
        srcs = [
            f
            for f in by_dir[importpath]
            if f.extension in ("go", "s", "h") and not f.basename.endswith("_test.go")
        ]
        asking = [r.file for r in found if r.typed]
        types = declare_types(
            go,
            helper = ctx.attr._types_helper[DefaultInfo].files_to_run,
            name = ctx.label.name + "/" + importpath,
            importpath = importpath,
            srcs = [f for f in srcs if f.extension == "go"],
            rules = asking,
            std = True,
        ) if asking else None
        woven = declare_weave(
            go,
            tool = tool,
            name = ctx.label.name + "/" + importpath,
            importpath = importpath,
            srcs = srcs,
            rules = [r.file for r in found],
            places = depset([r.places for r in found]).to_list(),
            rewriters = {r.info.rewriter.name: r.info.rewriter for r in found if r.info.rewriter}.values(),
            types = types,
            std = True,
        )
        outputs.extend(woven.outputs)
        reports.append(woven.report)
        reports.extend([r.places for r in found])
        facts.append(woven.facts)
        gc_goopts = ["-std", rewrites_opt([rewrite(woven.srcs[-1].dirname, "$GOROOT/src/" + importpath)])]
        headers = []
        if importpath == "runtime":
            gc_goopts.append("-+")
            headers = [f for f in by_dir.get("runtime/cgo", []) if f.extension == "h"]
        compiler = told_as_plain(
            plain,
            helper = ctx.attr._compile_helper[DefaultInfo].files_to_run,
            origins = woven.origins,
            files = woven.files,
            rules = {r.info.name: r.info for r in found}.values(),
        )
        archive = go.archive(with_rewrites(compiler), std_go_info(plain, importpath, woven.srcs + headers, gc_goopts))
        (chosen if support else always).append(struct(
            label = ctx.label,
            importmap = importpath,
            file = archive.data.file,
            export_file = archive.data.export_file,
        ))
        to_check.append(struct(
            importpath = importpath,
            export = archive.data.export_file or archive.data.file,
            report = woven.report,
            places = [r.places for r in found],
        ))

    graph = ctx.actions.declare_file(ctx.label.name + "/graph.json")
    graph_srcs = [
        f
        for files in by_dir.values()
        for f in files
        if f.extension == "go" and not f.basename.endswith("_test.go")
    ]
    args = ctx.actions.args()
    args.use_param_file("@%s", use_always = True)
    args.set_param_file_format("multiline")
    add_target_args(args, go)
    args.add("--goroot-src", go.sdk.root_file.dirname + "/src")
    args.add("--out", graph)
    args.add_all(graph_srcs)
    ctx.actions.run(
        executable = tool,
        arguments = ["stdgraph", args],
        inputs = graph_srcs,
        outputs = [graph],
        mnemonic = "GoWeaveStdGraph",
        progress_message = "Reading the import graph of the Go standard library %{label}",
        toolchain = GOWEAVE_TOOLCHAIN,
    )
    return [
        DefaultInfo(files = depset([s.file for s in always + chosen])),
        OutputGroupInfo(
            weave_sources = depset(outputs),
            weave_exports = depset([s.export_file for s in always + chosen]),
        ),
        WovenStdInfo(
            always = std_link_inputs(always),
            support = chosen,
            facts = depset(facts),
            checked = _checked(go, tool = tool, packages = to_check) if to_check else None,
            cgo = any([s.importmap in CGO_PACKAGES for s in always + chosen]),
            graph = graph,
            reports = depset(reports),
            sources = depset(outputs),
        ),
    ]

woven_std = rule(
    implementation = _woven_std_impl,
    doc = "Weaves and compiles the standard library packages that a go_instrumentation_set names.",
    attrs = GO_RULE_ATTRS | {
        "instrumentations": attr.label(
            mandatory = True,
            providers = [GoInstrumentationSetInfo],
        ),
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
        "_go_context_data": attr.label(default = "@rules_go//:go_context_data"),
    },
    fragments = GO_RULE_FRAGMENTS,
    toolchains = GO_RULE_TOOLCHAINS + [GOWEAVE_TYPE],
)
