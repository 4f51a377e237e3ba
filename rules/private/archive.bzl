"""The decorated archive and link: the functions that stand in the toolchain for those of rules_go.

An archive is woven where rules match it, connected with hook libraries where it is a program's main package, and noted for those that
import it; then rules_go's own function compiles it.
"""

load(":actions/main.bzl", "declare_main")
load(":actions/types.bzl", "declare_types")
load(":actions/weave.bzl", "declare_weave", "rewrite", "under_own_names")
load(
    ":compat.bzl",
    "compiled_aside",
    "copy_go_info",
    "describe",
    "has_nogo",
    "in_mode_of",
    "is_test_main",
    "is_test_rule",
    "module_version",
    "rewrites_opt",
    "told_as_plain",
    "with_cgo_options",
    "with_cgo_sources_aside",
    "with_cwd",
    "with_extra_link_inputs",
    "with_nogo_of",
    "with_note",
    "with_rewrites",
    "with_stamps",
    "with_unused_inputs",
    "without_compile",
    "without_nogo",
)
load(":hooks.bzl", "bits", "hooks_for")
load(":index.bzl", "named_by", "rules_for")
load(":linked.bzl", "linked")

visibility(["//rules/..."])

# With a fixed set of fields, as there is one for each package of a build.
_WeaveNoteInfo = provider(
    doc = "Notes of the toolchain on a compiled package, for packages that import it, its link and its report.",
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

# Targets for other systems are plain, which check.bzl says: nobody built a woven program for them.
_WOVEN_GOOS = ["darwin", "freebsd", "linux", "windows"]

def archive(go, source = None, **kwargs):
    """Stands for rules_go's `archive`: compiles a package, woven where rules match it.

    Args:
      go: rules_go's context, with our toolchain.
      source: GoInfo.
      **kwargs: what rules_go's function takes besides.

    Returns:
      GoArchive, with a note.
    """
    weaver = go.toolchain._weaver
    emit = weaver.base.actions.archive
    package = describe(source)
    if go.mode.goos not in _WOVEN_GOOS:
        # check.bzl says so, once.
        return emit(go, source = source, **kwargs)
    if go.coverage_enabled:
        return emit(go, source = source, **kwargs)

    name = package.name + package.testfilter + kwargs.get("_recompile_suffix", "")
    woven = _weave(go, source, package, name)
    deps = package.deps + woven.added
    notes = [_note_of(weaver, d) for d in deps]
    note = _note(weaver, package, deps, notes, woven)
    main = None
    if package.is_main and weaver.hooks and (weaver.tests or not is_test_main(package)):
        main = _connect(go, package, name, note)
        deps = deps + [in_mode_of(go, d) for d in _missing(deps, main.archives)]
    note = _WeaveNoteInfo(
        applicable = note.applicable,
        exports = note.exports,
        facts = note.facts,
        had = note.had,
        main = main.note if main else None,
        needed = note.needed | (main.needed if main else 0),
        outputs = depset(woven.outputs + (main.outputs if main else []), transitive = [n.outputs for n in notes]),
        reports = depset(woven.reports + (main.reports if main else []), transitive = [n.reports for n in notes]),
    )
    if not woven.outputs and not main:
        return with_note(emit(go, source = source, **kwargs), "_weave", note)

    gc_goopts = source.gc_goopts
    rewrites = woven.rewrites + (main.rewrites if main else [])
    if rewrites:
        gc_goopts = gc_goopts + [rewrites_opt(rewrites)]
    compiles = []
    to_compile = copy_go_info(source, srcs = woven.srcs + (main.srcs if main else []), deps = deps, gc_goopts = gc_goopts)
    plain = without_compile(go, compiles)
    compiler = go
    linted = None
    if woven.cgo:
        to_compile = with_cgo_options(to_compile, originals = source.srcs, moved = woven.cgo)
        if has_nogo(go):
            # nogo reads what cgo makes of the originals, which only a compile of them writes.
            aside = name + "_unwoven"
            linted = emit(compiled_aside(go, aside), source = source, **kwargs)
            plain = with_cgo_sources_aside(without_nogo(plain), name + "_weave")
            compiler = with_cgo_sources_aside(compiler, name + "_weave")
    compiled = emit(plain, source = source, **kwargs)
    if woven.files:
        compiler = told_as_plain(
            compiler,
            helper = weaver.compile_helper,
            origins = woven.origins,
            files = woven.files,
            rules = woven.instrumentations,
            plain = compiles[0],
        )
    compiler = with_unused_inputs(with_rewrites(without_nogo(compiler)), main.note.unlinked if main else None)
    if woven.cgo:
        compiler = with_cwd(compiler)
    emit(compiler, source = to_compile, **kwargs)
    if linted:
        compiled = with_nogo_of(compiled, linted)
    return with_note(compiled, "_weave", note)

def _weave(go, source, package, name):
    """Weaves a package, if rules match it.

    Args:
      go: rules_go's context.
      source: GoInfo.
      package: what `describe` of compat.bzl returns of it.
      name: string, unique among the packages that this rule compiles.

    Returns:
      A struct with
        srcs: list[File], what to compile.
        rules: list, those that match, as `rules_for` returns them.
        added: list[GoArchive], what woven code imports and the package does not.
        rewrites: list[string], the -trimpath rewrites that give woven files the paths of their originals.
        cgo: list or None, of a package that is given to cgo, `moved` of what declare_weave returns.
        instrumentations: list[struct(name, rule_file, places)], those of the rules.
        files, origins: of the same name in what declare_weave returns.
        facts, outputs, reports: list[File], of the same name in the note.
    """
    weaver = go.toolchain._weaver
    srcs = source.srcs
    deps = package.deps
    plain = struct(srcs = srcs, rules = [], added = [], rewrites = [], cgo = None, files = [], facts = [], outputs = [], reports = [])
    go_srcs = [f for f in srcs if f.extension == "go"]
    if not go_srcs or package.testfilter == "only" or is_test_main(package) or _NO_WEAVE_TAG in go._ctx.attr.tags:
        return plain
    rules = rules_for(weaver.index, package.importpath, deps)
    if not rules:
        return plain
    srcs, originals = under_own_names(go, name, srcs)
    go_srcs = [f for f in srcs if f.extension == "go"]
    instrumentations = {r.of.order: r.of for r in rules}.values()
    cgo = source.cgo and not go.mode.pure
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
        cgo = cgo,
        originals = originals,
    )
    return struct(
        srcs = woven.srcs,
        rules = rules,
        added = [in_mode_of(go, d) for d in _missing(deps, [d for i in instrumentations for d in i.deps])],
        rewrites = [] if cgo else woven.rewrites,
        cgo = woven.moved if cgo else None,
        instrumentations = instrumentations,
        files = woven.files,
        origins = woven.origins,
        facts = [woven.facts],
        outputs = woven.outputs,
        reports = [woven.report] + [i.places for i in instrumentations],
    )

def _note(weaver, package, deps, notes, woven):
    """Returns what a package's note says of its whole closure, without what makes it a program.

    Args:
      weaver: of the toolchain.
      package: what `describe` of compat.bzl returns of it.
      deps: list[GoArchive], what it imports.
      notes: list[_WeaveNoteInfo], of those.
      woven: what `_weave` returns.
    """

    # Which instrumentations may apply to a program because of this closure.
    applicable = bits(named_by(weaver.index, package) + [r.of.order for r in woven.rules])

    # Packages that hooks and deps of instrumentations consist of: those that the closure has, and those that only its woven code imports.
    had = weaver.hooks.packages.bits.get(package.importmap, 0) if weaver.hooks else 0
    needed = 0
    for r in woven.rules if woven.added else []:
        needed |= weaver.hooks.deps[r.of.order]
    for n in notes:
        applicable |= n.applicable
        had |= n.had
        needed |= n.needed
    return struct(
        applicable = applicable,
        # Of the whole closure, for GoWeaveMain: export data, and what was woven.
        exports = depset([d.data.export_file or d.data.file for d in deps], transitive = [n.exports for n in notes]),
        facts = depset(woven.facts, transitive = [n.facts for n in notes]),
        had = had,
        needed = needed,
    )

def _connect(go, package, name, note):
    """Connects a program's main package with the hook libraries that may apply.

    Args:
      go: rules_go's context.
      package: what `describe` of compat.bzl returns of the main package.
      name: string, unique among the packages that this rule compiles.
      note: what `_note` returns of it.

    Returns:
      A struct with
        srcs: list[File], the generated file.
        archives: list[GoArchive], what it may import.
        rewrites: list[string], the -trimpath rewrite of its path.
        needed: int, and outputs, reports: list[File], of the same name in the note.
        note: struct, `main` of the note.
    """
    weaver = go.toolchain._weaver
    hooks = hooks_for(weaver.hooks, note.applicable)
    declared = declare_main(
        go,
        tool = weaver.tool,
        name = name,
        source = package,
        exports = note.exports,
        facts = note.facts,
        rules = weaver.main_rules,
        hooks = weaver.hooks,
        std = weaver.std,
        cgo = hooks.cgo,
    )
    return struct(
        srcs = [declared.src],
        archives = hooks.archives,
        # Its path has the configuration in it, which must not be seen in the program.
        rewrites = [rewrite(declared.src.dirname, declared.src.short_path.rpartition("/")[0].removeprefix("../"))],
        needed = hooks.packages,
        outputs = [declared.src, declared.report],
        reports = [declared.report],
        note = struct(
            std = (weaver.std.always, declared.support),
            std_reports = weaver.std.reports,
            unlinked = None if is_test_rule(go) else declared.unlinked,
        ),
    )

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

def link(go, archive = None, **kwargs):
    """Stands for rules_go's `link`: links a program, a woven one with what its hooks and its woven packages need.

    Args:
      go: rules_go's context, with our toolchain.
      archive: GoArchive, of the main package.
      **kwargs: what rules_go's function takes besides.

    Returns:
      What rules_go's function returns.
    """
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
