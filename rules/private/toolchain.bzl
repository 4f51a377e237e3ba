"""The decorated Go toolchain.

rules_go's `ToolchainInfo` has a struct of functions, `actions`, and every rule that builds Go (go_library, go_binary, go_test, proto rules,
rules of other people) builds through them. The toolchains here resolve the real one and replace `archive`, `link` and `stdlib`
by functions that add our actions and then call the original.
"""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("@rules_go//go:def.bzl", "GoArchive")
load(":check.bzl", "GOWEAVE_TOOLCHAIN")
load(
    ":compat.bzl",
    "GO_TOOLCHAIN",
    "copy_go_info",
    "describe",
    "fields_of",
    "in_mode_of",
    "is_test_main",
    "is_test_rule",
    "module_version",
    "plain_stdlib",
    "rewrites_opt",
    "with_extra_link_inputs",
    "with_note",
    "with_rewrites",
    "with_stamps",
    "with_unused_inputs",
    "without_compile",
    "without_nogo",
)
load(":configuration.bzl", "is_tool_configuration")
load(":hooks.bzl", "bits", "hooks_for", "new_hooks")
load(":index.bzl", "named_by", "new_index", "rules_for")
load(":linked.bzl", "linked")
load(":main.bzl", "declare_main", "main_rules")
load(":providers.bzl", "GoInstrumentationSetInfo", "WovenStdInfo")
load(":stages.bzl", "to_base", "to_hooks")
load(":types.bzl", "declare_types")
load(":versions.bzl", "go_message")
load(":weave.bzl", "declare_weave", "rewrite")

visibility(["//rules/..."])

# With a fixed set of fields, as there is one for each package of a build.
_WeaveNoteInfo = provider(
    doc = "What the toolchain notes on a compiled package, for those that import it, its link and its report.",
    fields = {
        "applicable": "int: bits of the instrumentations that may apply to a program because of this closure.",
        "exports": "depset[File]: export data of the closure without the package.",
        "facts": "depset[File]: what was woven into the closure, for GoWeaveMain.",
        "had": "int: those of the packages that hooks and deps of instrumentations consist of (see linked.bzl) that the closure has.",
        "main": """struct or None: of a main package with hook libraries
    std: tuple of what `std_link_inputs` returns, the packages of the standard library to link in place of the plain ones.
    std_reports: depset[File], the reports of packages of the standard library, which the program has or not.
    unlinked: File or None, the list of those files of hook libraries that it does not need; None where no action may name such a list.""",
        "needed": "int: likewise, those that its woven code imports; of a main package also those of its hook libraries.",
        "outputs": "depset[File]: the woven sources and reports of the closure, for the output groups.",
        "reports": "depset[File]: its reports alone, and where the rules stand that they are about.",
    },
)

# A package with this tag is compiled from its original sources.
_NO_WEAVE_TAG = "no-weave"

# What the resource of a program's telemetry says about its build, if that is stamped: the program's version, and the commit, under
# the names that people give it in their workspace status.
_SDK = "github.com/rules-go-weave/rules_go_weave/runtime/sdk"
_STAMPS = {
    "stampedCommit": "STABLE_GIT_COMMIT",
    "stampedLabel": "BUILD_EMBED_LABEL",
    "stampedRevision": "BUILD_SCM_REVISION",
    "stampedStableRevision": "STABLE_BUILD_SCM_REVISION",
    "stampedStableSCM": "STABLE_SCM_REVISION",
}

# Targets for other systems are plain: the shipped instrumentation of package runtime would change its export data there.
_WOVEN_GOOS = ["linux"]

def _archive(go, source = None, **kwargs):
    weaver = go.toolchain._weaver
    emit = weaver.base.actions.archive
    package = describe(source)
    if go.mode.goos not in _WOVEN_GOOS:
        # check.bzl says so, once.
        return emit(go, source = source, **kwargs)
    if go.coverage_enabled:
        return emit(go, source = source, **kwargs)

    srcs = source.srcs
    gc_goopts = source.gc_goopts
    rewrites = []
    deps = package.deps
    added = []
    outputs = []
    reports = []
    facts = []
    name = package.name + package.testfilter + kwargs.get("_recompile_suffix", "")

    rules = []
    go_srcs = [f for f in srcs if f.extension == "go"]
    if go_srcs and package.testfilter != "only" and not is_test_main(package) and _NO_WEAVE_TAG not in go._ctx.attr.tags:
        rules = rules_for(weaver.index, package.importpath, deps)
    if rules:
        instrumentations = {r.of.order: r.of for r in rules}.values()
        if source.cgo and not go.mode.pure:
            # rules_go's builder sets -trimpath itself where it runs cgo, so positions would be those of the woven files.
            if not is_test_rule(go):
                # Once for each package, however many tests have it compiled again.
                # buildifier: disable=print
                print("{}: {} uses cgo and is not woven, although rules of {} match it".format(go.label, package.importpath, [i.name for i in instrumentations]))
        else:
            asking = [r.file for r in rules if r.typed]
            types = declare_types(
                go,
                helper = weaver.types_helper,
                name = name,
                importpath = package.importpath,
                srcs = go_srcs,
                rules = asking,
                deps = deps,
                external_tests = package.testfilter != "exclude",
            ) if asking else None
            woven = declare_weave(
                go,
                tool = weaver.tool,
                name = name,
                importpath = package.importpath,
                # The linker calls main packages by another name, which the generated file does not need.
                importmap = package.importmap if package.importmap != package.importpath and not package.is_main else None,
                srcs = srcs,
                rules = [r.file for r in rules],
                places = [i.places for i in instrumentations],
                rewriters = [i.rewriter for i in instrumentations if i.rewriter],
                types = types,
                module = module_version(go, source),
                external_tests = package.testfilter != "exclude",
            )
            srcs = woven.srcs
            rewrites = woven.rewrites
            outputs = woven.outputs
            reports = [woven.report] + [i.places for i in instrumentations]
            facts = [woven.facts]
            added = [in_mode_of(go, d) for d in _missing(deps, [d for i in instrumentations for d in i.deps])]
            deps = deps + added

    notes = [_note_of(weaver, d) for d in deps]

    # Which instrumentations may apply to a program because of this closure.
    applicable = bits(named_by(weaver.index, package) + [r.of.order for r in rules])

    # Packages that hooks and deps of instrumentations consist of: those that the closure has, and those that only its woven code imports.
    had = weaver.hooks.packages.bits.get(package.importmap, 0) if weaver.hooks else 0
    needed = 0
    for r in rules if added else []:
        needed |= weaver.hooks.deps[r.of.order]
    for n in notes:
        applicable |= n.applicable
        had |= n.had
        needed |= n.needed
    main = None

    # Of the whole closure, for GoWeaveMain: export data, and what was woven.
    exports = depset([d.data.export_file or d.data.file for d in deps], transitive = [n.exports for n in notes])
    facts = depset(facts, transitive = [n.facts for n in notes])

    if package.is_main and weaver.hooks and (weaver.tests or not is_test_main(package)):
        declared = declare_main(
            go,
            tool = weaver.tool,
            name = name,
            source = package,
            exports = exports,
            facts = facts,
            rules = weaver.main_rules,
            hooks = weaver.hooks,
            std = weaver.std,
        )
        srcs = srcs + [declared.src]

        # Its path has the configuration in it, which must not be seen in the program.
        rewrites = rewrites + [rewrite(declared.src.dirname, declared.src.short_path.rpartition("/")[0].removeprefix("../"))]
        hooks = hooks_for(weaver.hooks, applicable)
        needed |= hooks.packages
        deps = deps + [in_mode_of(go, d) for d in _missing(deps, hooks.archives)]
        outputs = outputs + [declared.src, declared.report]
        reports = reports + [declared.report]
        main = struct(
            std = (weaver.std.always, declared.support),
            std_reports = weaver.std.reports,
            unlinked = None if is_test_rule(go) else declared.unlinked,
        )

    if rewrites:
        gc_goopts = gc_goopts + [rewrites_opt(rewrites)]

    note = _WeaveNoteInfo(
        applicable = applicable,
        exports = exports,
        facts = facts,
        had = had,
        main = main,
        needed = needed,
        outputs = depset(outputs, transitive = [n.outputs for n in notes]),
        reports = depset(reports, transitive = [n.reports for n in notes]),
    )
    if not outputs:
        archive = emit(go, source = source, **kwargs)
    else:
        archive = emit(without_compile(go), source = source, **kwargs)
        emit(
            with_unused_inputs(with_rewrites(without_nogo(go)), main.unlinked if main else None),
            source = copy_go_info(source, srcs = srcs, deps = deps, gc_goopts = gc_goopts),
            **kwargs
        )
    return with_note(archive, "_weave", note)

def _note_of(weaver, archive):
    """Returns what is noted on a package that is imported, or what can be said of one without a note.

    rules_go and others make archives of their own of what they find in one, such as those of a test whose library other libraries
    depend on. Most keep the GoArchiveData, which has the note as well as the source.

    Args:
      weaver: of the toolchain.
      archive: GoArchive.
    """
    note = getattr(archive.source, "_weave", None) or getattr(archive.data, "_weave", None)
    if note:
        return note
    applicable = 0
    had = 0
    needed = 0
    exports = []
    notes = []
    for d in archive.transitive.to_list():
        if d.importmap != archive.data.importmap:
            exports.append(d.export_file or d.file)
        if hasattr(d, "_weave"):
            # Of its whole closure, so what is said twice is said once.
            notes.append(d._weave)
            continue
        applicable |= bits(named_by(weaver.index, d))
        had |= weaver.hooks.packages.bits.get(d.importmap, 0) if weaver.hooks else 0
    for n in notes:
        applicable |= n.applicable
        had |= n.had
        needed |= n.needed
    return _WeaveNoteInfo(
        applicable = applicable,
        exports = depset(exports),
        facts = depset(transitive = [n.facts for n in notes]),
        had = had,
        main = None,
        needed = needed,
        outputs = depset(transitive = [n.outputs for n in notes]),
        reports = depset(transitive = [n.reports for n in notes]),
    )

def _missing(deps, more):
    """Returns those of more libraries whose packages are not among direct dependencies, each once."""
    known = {d.data.importpath: None for d in deps}
    missing = {d.data.importpath: d for d in more if d.data.importpath not in known}
    return missing.values()

def _link(go, archive = None, **kwargs):
    weaver = go.toolchain._weaver
    note = getattr(archive.source, "_weave", None)
    if note:
        extra = linked(weaver.hooks.packages, note.needed & ~note.had) if weaver.hooks else []
        if note.main:
            go = with_unused_inputs(go, note.main.unlinked)
            extra = extra + list(note.main.std)
        if extra:
            archive = with_extra_link_inputs(archive, extra)
        if note.main:
            archive = with_stamps(go, archive, package = _SDK, variables = _STAMPS)
    return weaver.base.actions.link(go, archive = archive, **kwargs)

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
        print("WARNING: " + said.warning)

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
            tool = ctx.toolchains[GOWEAVE_TOOLCHAIN].goweave.tool,
            types_helper = ctx.attr._types_helper[DefaultInfo].files_to_run,
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
        archive = _archive,
        link = _link,
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
        # Says which packages `runtime` consists of.
        "_plain_runtime": attr.label(
            default = "//runtime",
            cfg = to_base,
            providers = [GoArchive],
        ),
    },
    toolchains = [GO_TOOLCHAIN, GOWEAVE_TOOLCHAIN],
)
