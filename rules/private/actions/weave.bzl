"""The GoWeave action: from a package's sources to its woven sources."""

load(":compat.bzl", "GO_TOOLCHAIN_LABEL", "is_test_rule", "sdk_version")

visibility(["//rules/..."])

# The weaver names the file it adds to a package so.
_EXTRA_FILE = "zz_weave.go"

def declare_weave(
        go,
        *,
        tool,
        name,
        importpath,
        importmap = None,
        srcs,
        rules,
        places,
        rewriters = [],
        types = None,
        module = None,
        external_tests = True,
        cgo = False,
        std = False,
        originals = {}):
    """Declares the GoWeave action for one package.

    Args:
      go: rules_go's context; its mode says for which target the package is built.
      tool: FilesToRunProvider of goweave.
      name: string, unique among the packages that this rule compiles.
      importpath: string, of the package.
      importmap: string or None, the path by which the compiler knows it, if that is another one.
      srcs: list[File], of the package; only .go files are woven, of std .s files are copied too.
      rules: list[File], the lowered rules of each instrumentation for this package.
      places: list[File], where the rules of each instrumentation stand in their files: for messages alone, so that the action does
        not run again when only they change.
      rewriters: list[struct(name, program)], the external rewriters of these instrumentations, in their order.
      types: File or None, what declare_types makes, where rules ask for types.
      module: what `module_version` of compat.bzl returns, or None.
      external_tests: bool, whether files of a package `p_test` are part of the package; if not, they are left as they are.
      cgo: bool, whether the woven files are given to cgo, which rewrites do not reach: they say themselves where they come from.
      std: bool, whether this is a package of the standard library.
      originals: dict[File, File], what `under_own_names` returns of srcs that are links.

    Returns:
      A struct with
        srcs: list[File], what to compile: the woven files in the order of the originals, then the extra file.
        report: File, what was matched and what was not, as JSON.
        origins: File, which rule inserted what where, as JSON.
        files: list[(File, File)], each woven file and its original.
        facts: File, what main packages need to know of it.
        outputs: list[File], the woven files and the report.
        rewrites: list[string], the -trimpath rewrites that give each woven file the path of its original.
        moved: list[(string, string)], paths of woven files or of their directory, and of the originals.
    """
    out_dir = name + "_weave"
    go_srcs = [f for f in srcs if f.extension == "go"]
    shown = {f: originals.get(f, f) for f in go_srcs}

    # Assembly of std keeps the names of its files by directives in copies; -trimpath is of no use, rules_go gives it to the assembler itself.
    asm_srcs = [f for f in srcs if std and f.extension == "s"]
    woven = {f: go.actions.declare_file(out_dir + "/" + f.basename) for f in asm_srcs}
    for f in go_srcs:
        woven[f] = go.actions.declare_file(out_dir + "/" + f.basename)
    extra = go.actions.declare_file(out_dir + "/" + _EXTRA_FILE)
    report = go.actions.declare_file(name + ".weave.json")
    facts = go.actions.declare_file(name + ".weave_facts.json")
    origins = go.actions.declare_file(name + ".weave_origins.json")
    unused = None if is_test_rule(go) else go.actions.declare_file(name + ".weave_unused")

    args = go.actions.args()
    args.use_param_file("@%s", use_always = False)
    args.set_param_file_format("multiline")
    args.add("--importpath", importpath)
    if importmap:
        args.add("--importmap", importmap)
    metadata = [module.metadata] if module and module.metadata else []
    args.add_all(metadata, before_each = "--package-metadata")
    if module and module.version:
        args.add("--package-version", module.version)
    add_target_args(args, go)
    if not external_tests:
        args.add("--no-external-tests")
    if std:
        args.add("--std")
    args.add_all(rules, before_each = "--rules")
    args.add_all(places, before_each = "--places")
    if types:
        args.add("--types", types)
    for r in rewriters:
        args.add_all([r.program.executable], before_each = "--rewriter", format_each = r.name.replace("%", "%%") + "=%s")
    if unused:
        args.add("--unused-inputs", unused)
    args.add("--facts", facts)
    args.add("--origins", origins)
    args.add_all([extra], before_each = "--out", map_each = _dirname)
    args.add("--report", report)
    args.add_all(asm_srcs, before_each = "--assembly")
    if cgo:
        # Not as files: cgo's actions map no paths.
        args.add_all([original.path for original in shown.values()], before_each = "--original")
    args.add_all(go_srcs)

    outputs = woven.values() + [extra, report]
    go.actions.run(
        executable = tool,
        arguments = ["weave", args],
        inputs = go_srcs + asm_srcs + rules + places + metadata + ([types] if types else []),
        outputs = outputs + [facts, origins] + ([unused] if unused else []),
        tools = [r.program for r in rewriters],
        unused_inputs_list = unused,
        mnemonic = "GoWeave",
        progress_message = "Weaving Go package {} %{{label}}".format(importpath),
        execution_requirements = {"supports-path-mapping": "1"},
        toolchain = GO_TOOLCHAIN_LABEL,
    )
    dirs = {original.dirname: None for original in shown.values()}.keys()

    # The directory where all files come from one, else each file.
    moved = [(extra.dirname, dirs[0])] if len(dirs) == 1 else [(woven[f].path, original.path) for f, original in shown.items()]
    return struct(
        srcs = [woven.get(f, f) for f in srcs] + [extra],
        report = report,
        origins = origins,
        files = [(woven[f], original) for f, original in shown.items()],
        facts = facts,
        outputs = outputs,
        moved = moved,
        rewrites = [rewrite(path, original) for path, original in moved],
    )

def under_own_names(go, name, srcs):
    """Declares a link to each Go file whose name an earlier one from another directory has: woven files are all in one.

    Args:
      go: rules_go's context.
      name: string, unique among the packages that this rule compiles.
      srcs: list[File], the sources of a package.

    Returns:
      (list[File], dict[File, File]): the sources, with links in place of some, and of each link the source.
    """
    names = {}
    for f in srcs:
        if f.extension == "go":
            names.setdefault(f.basename, f)
    named, originals = [], {}
    for i, f in enumerate(srcs):
        if names.get(f.basename, f) == f:
            named.append(f)
            continue

        # Go reads the end of a file's name, and leaves out a file whose name begins with _.
        free = [n for n in ["{}_{}".format(n, f.basename) for n in range(i, i + len(srcs))] if n not in names]
        link = go.actions.declare_file("{}_weave_names/{}".format(name, free[0]))
        go.actions.symlink(output = link, target_file = f)
        names[free[0]] = link
        originals[link] = f
        named.append(link)
    return named, originals

def rewrite(path, shown):
    """Returns what -trimpath needs to show a path as another one, also where Bazel maps output paths.

    With --experimental_output_paths=strip the compiler sees another path than this string, which Bazel does not map: `cfg` stands for
    the configuration (StrippingPathMapper of Bazel 7).

    Args:
      path: string, relative to the execution root.
      shown: string, likewise, or the path in the Go root.
    """
    plain = "{}=>{}".format(path, shown)
    mapped = "{}=>{}".format(_map_path(path), _map_path(shown))
    return plain if mapped == plain else plain + ";" + mapped

def _map_path(path):
    parts = path.split("/", 2)
    return "/".join([parts[0], "cfg", parts[2]]) if parts[0] == "bazel-out" and len(parts) == 3 else path

def add_target_args(args, go):
    """Adds what decides which files are in the build: Go release, platform, cgo, race, msan and build tags.

    Args:
      args: Args, to add to.
      go: rules_go's context.
    """
    args.add("--go-version", sdk_version(go))
    args.add("--goos", go.mode.goos)
    args.add("--goarch", go.mode.goarch)
    if not go.mode.pure:
        args.add("--cgo")
    tags = list(go.mode.tags)
    if go.mode.race:
        tags.append("race")
    if go.mode.msan:
        tags.append("msan")
    if tags:
        args.add_joined("--tags", tags, join_with = ",")

def _dirname(file):
    return file.dirname
