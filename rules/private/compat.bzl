"""Everything that we use of rules_go beyond its public documentation.

Each symbol says what it relies on. Nothing else in this repository loads from `@rules_go//go/private`, but for configuration.bzl,
or reads a field of rules_go whose name starts with an underscore.
Written against rules_go 0.50 to 0.65; `@rules_go_api` has of each version what it has.
"""

load("@rules_go//go:def.bzl", "GoArchive", "GoArchiveData", "go_context")
load(
    "@rules_go_api//:api.bzl",
    "GoInfo",
    "GoLibrary",
    "GoSource",
    "TRIMPATH_HAS_REWRITES",
    "new_go_info",
    _CGO_ATTRS = "CGO_ATTRS",
    _CGO_FRAGMENTS = "CGO_FRAGMENTS",
    _CGO_TOOLCHAINS = "CGO_TOOLCHAINS",
    _EXPLICIT_PATH = "EXPLICIT_PATH",
    _GoStdLibInfo = "GoStdLib",
    _installsuffix = "installsuffix",
)
load("@rules_license//rules:providers.bzl", "PackageInfo")

visibility(["//rules/..."])

GO_TOOLCHAIN = "@rules_go//go:toolchain"
GO_TOOLCHAIN_LABEL = Label(GO_TOOLCHAIN)

# What a rule that calls go_context must declare. Before 0.59 the C++ toolchain came with `_go_context_data`.
GO_RULE_ATTRS = _CGO_ATTRS or {}
GO_RULE_FRAGMENTS = _CGO_FRAGMENTS or []
GO_RULE_TOOLCHAINS = [GO_TOOLCHAIN] + (_CGO_TOOLCHAINS or [])

# What a Go library provides. Before 0.51 a GoSource has its GoLibrary in the field `library` in place of that one's fields.
GO_LIBRARY_PROVIDERS = [GoArchive, GoInfo or GoLibrary]

def depset_of(files):
    """Returns a depset of what is one since rules_go 0.51, and a list before."""
    return depset(files) if type(files) == "list" else files

def describe(source):
    """Returns what every version of rules_go says of a package that is compiled.

    Args:
      source: what archive() is given, a GoInfo or GoSource.

    Returns:
      A struct with
        name: string, unique among the packages of a target.
        importpath, importmap: string.
        is_main: bool.
        testfilter: string, which files of a test this package has: "", "exclude" or "only".
        srcs: list[File].
        deps: list[GoArchive].
    """
    library = source if GoInfo else source.library
    return struct(
        name = library.name,
        importpath = library.importpath,
        importmap = library.importmap,
        is_main = library.is_main,
        testfilter = getattr(library, "testfilter", None) or "",
        srcs = source.srcs,
        deps = [d if type(d) == "struct" else d[GoArchive] for d in source.deps],
    )

def library(target):
    """Returns what `describe` returns, of a target with GO_LIBRARY_PROVIDERS."""
    return describe(target[GoInfo] if GoInfo else target[GoSource])

def fields_of(value):
    """Returns the fields of a struct or provider instance, so that a changed copy can be made of it."""
    return {name: getattr(value, name) for name in dir(value) if name not in ("to_json", "to_proto")}

def copy_go_info(source, **changes):
    """Returns a copy of a GoInfo or GoSource; it has no closed set of fields, so it also carries what we note on it."""
    return (GoInfo or GoSource)(**(fields_of(source) | changes))

def copy_go_archive(archive, **changes):
    """Returns a copy of a GoArchive, whose set of fields is closed."""
    return GoArchive(**(fields_of(archive) | changes))

def with_note(archive, name, note):
    """Returns a GoArchive with a note on its source, and on its data: archives that others make of it keep one or the other.

    Args:
      archive: GoArchive.
      name: string, the field.
      note: what a depset may have: nothing that can be changed.
    """
    data = GoArchiveData(**(fields_of(archive.data) | {name: note}))
    return copy_go_archive(
        archive,
        data = data,
        source = copy_go_info(archive.source, **{name: note}),
        transitive = depset([data], transitive = [d.transitive for d in archive.direct]),
    )

def in_mode_of(go, archive):
    """Returns an archive as a dependency of what a go context builds, from whichever stage the archive is.

    rules_go refuses a dependency of another mode. A mode has the profile of a build that is guided by one as a file that each
    configuration makes for itself, so the modes of two stages differ where all that counts is the same.
    """
    mode = archive.source.mode
    if mode == go.mode or any([getattr(mode, f) != getattr(go.mode, f) for f in fields_of(mode) if f != "pgoprofile"]):
        return archive
    return copy_go_archive(archive, source = copy_go_info(archive.source, mode = go.mode))

def without_compile(go, compiles):
    """Returns a go context whose archive() declares all outputs and all actions but the compile.

    The outputs are those of the compile that the caller adds. What is linted by nogo, what the GoArchive names as
    sources, and what dependents read from it are then the original sources.

    Args:
      go: rules_go's context.
      compiles: list, which gets what the compile would have been declared with.
    """
    actions = go.actions

    def _run(mnemonic = None, **kwargs):
        if mnemonic in ("GoCompilePkg", "GoCompilePkgExternal"):
            compiles.append(kwargs)
        else:
            actions.run(mnemonic = mnemonic, **kwargs)

    return _with_run(go, _run)

def _with_run(go, run):
    """Returns a go context that declares actions by another function."""
    return struct(**(fields_of(go) | {"actions": struct(**(fields_of(go.actions) | {"run": run}))}))

def without_nogo(go):
    """Returns a go context whose archive() only compiles."""
    return struct(**(fields_of(go) | {"nogo": None}))

def has_nogo(go):
    """Returns whether archive() may have packages linted by nogo; before 0.60 or so it is a File."""
    return go.nogo != None and getattr(go.nogo, "executable", go.nogo) != None

def compiled_aside(go, folder):
    """Returns a go context whose archive() declares what the compile makes in a folder of its own, but what nogo reads and makes."""
    actions = go.actions

    def _declare_file(filename, **kwargs):
        made = filename.rpartition(".")[2] in ("a", "h", "imports", "x")
        return actions.declare_file((folder + "/" if made else "") + filename, **kwargs)

    return struct(**(fields_of(go) | {"actions": struct(**(fields_of(actions) | {"declare_file": _declare_file}))}))

def with_cgo_sources_aside(go, folder):
    """Returns a go context whose archive() declares the directory of the Go sources that cgo makes in a folder of its own."""
    actions = go.actions

    def _declare_directory(filename, **kwargs):
        return actions.declare_directory(folder + "/" + filename, **kwargs)

    return struct(**(fields_of(go) | {"actions": struct(**(fields_of(actions) | {"declare_directory": _declare_directory}))}))

# Files that rules_go has cgo look for beside all sources, by their extensions (hdr_exts of go/private/rules/cgo.bzl).
_HEADERS = ["h", "hh", "hpp", "hxx", "inc"]

def with_cgo_options(source, originals, moved):
    """Returns a copy of a GoInfo or GoSource whose Go files are elsewhere, and whose C compiler does not see that.

    Args:
      source: GoInfo or GoSource.
      originals: list[File], the sources as they were.
      moved: list[(string, string)], paths of files or directories, and what they were.
    """
    options = ["-ffile-prefix-map={}={}".format(path, original) for path, original in moved]
    if any([f.extension in _HEADERS for f in originals]):
        # rules_go has the directory of each source searched for headers.
        options += ["-I" + (d or ".") for d in {f.dirname: None for f in originals}]

    # rules_go splits options at spaces.
    return copy_go_info(source, cppopts = list(source.cppopts) + [o for o in options if " " not in o])

# What the GoArchiveData of a package has of nogo and of the sources that it reads.
_NOGO_FIELDS = ["_nogo_diagnostics", "_validation_output", "cgo_out_dir", "facts_file"]

def with_nogo_of(archive, linted):
    """Returns a GoArchive with what nogo made of another one."""
    changes = {f: getattr(linted.data, f) for f in _NOGO_FIELDS if hasattr(linted.data, f)}
    return copy_go_archive(archive, data = GoArchiveData(**(fields_of(archive.data) | changes)))

def with_unused_inputs(go, unused):
    """Returns a go context whose compiles and links do not run again where an input changes that they did not need.

    Args:
      go: rules_go's context.
      unused: File or None, the paths of these inputs, one a line; an earlier action makes it.
    """
    if not unused:
        return go
    actions = go.actions

    def _run(mnemonic = None, inputs = [], **kwargs):
        if mnemonic in ("GoCompilePkg", "GoCompilePkgExternal", "GoLink"):
            inputs = depset([unused], transitive = [depset_of(inputs)])
            kwargs["unused_inputs_list"] = unused
        actions.run(mnemonic = mnemonic, inputs = inputs, **kwargs)

    return _with_run(go, _run)

def told_as_plain(go, *, helper, origins, files, rules, plain = None):
    """Returns a go context whose compiles say of mistakes what those of the original sources say.

    Args:
      go: rules_go's context.
      helper: FilesToRunProvider of tool/compile.
      origins: File, which rule inserted what where, as `goweave weave --origins` writes it.
      files: list[(File, File)], each woven file and its original.
      rules: list[struct(name, rule_file, places)], the instrumentations, their rule files, and where their rules stand in them.
      plain: dict or None, what the compile of the originals would have been declared with, if the build would have one.
    """
    actions = go.actions

    def _run(mnemonic = None, executable = None, arguments = [], inputs = [], outputs = [], tools = [], env = {}, **kwargs):
        if mnemonic in ("GoCompilePkg", "GoCompilePkgExternal"):
            args = actions.args()
            args.use_param_file("@%s", use_always = False)
            args.set_param_file_format("multiline")
            args.add("-origins", origins)
            args.add_all([woven for woven, _ in files], before_each = "-woven")
            args.add_all([original for _, original in files], before_each = "-original")
            args.add_all([f for f in outputs if f.is_directory], before_each = "-directory", expand_directories = False)

            # As strings: nobody maps these paths. Places are no input: the action would run again where they change.
            args.add("-at", files[0][0].path)
            args.add_all(["{}={}={}".format(r.name, r.rule_file, r.places.path) for r in rules], before_each = "-rules")
            inputs = depset([origins] + [original for _, original in files], transitive = [depset_of(inputs)])
            builder = actions.args()
            builder.add("--")
            builder.add(getattr(executable, "executable", executable))
            tools = [executable] + list(tools)
            if plain:
                args.add_all([name for name in env if name not in plain.get("env", {})], before_each = "-unset")
                arguments = arguments + ["--plain"] + plain["arguments"]
            arguments = [args, builder] + arguments
            executable = helper
        actions.run(mnemonic = mnemonic, executable = executable, arguments = arguments, inputs = inputs, outputs = outputs, tools = tools, env = env, **kwargs)

    return _with_run(go, _run)

# Where an action runs, under a name that is the same everywhere.
_CWD = "/proc/self/cwd"

def with_rewrites(go):
    """Returns a go context whose archive() compiles with what `rewrites_opt` returns."""
    return go if TRIMPATH_HAS_REWRITES else with_cwd(go)

def with_cwd(go):
    """Returns a go context whose compiles call where they run by the name that is the same everywhere."""
    env = {"PWD": _CWD}
    return struct(**(fields_of(go) | {"env": go.env | env, "env_for_path_mapping": go.env_for_path_mapping | env}))

def rewrites_opt(rewrites):
    """Returns the gc_goopt that gives woven files the paths of their originals.

    A builder that does not know rewrites makes the whole of it absolute and puts ":." behind it. So each prefix is absolute already, by the
    name that `PWD` gives the directory where the action runs, which is taken off any other path; and ":." belongs to a path that is nowhere.

    Args:
      rewrites: list[string], what `rewrite` of weave.bzl returns.
    """
    if not TRIMPATH_HAS_REWRITES:
        rewrites = [_CWD + "/" + one for r in rewrites for one in r.split(";")] + [_CWD, "/-"]
    return "-trimpath=" + ";".join(rewrites)

def installed_std_archive(go, importpath):
    """Returns the path of a package's archive inside the standard library's tree artifact."""
    return "{}/{}/{}.a".format(go.stdlib.root_file.path, _installsuffix(go.mode), importpath)

def linked_with_c(go):
    """Returns whether programs are linked by the C linker, and so with the C library, whatever they are made of."""
    mode = go.mode
    if mode.pure:
        return False
    options = (
        list(getattr(go._ctx.attr, "gc_linkopts", [])) +
        list(getattr(mode, "gc_linkopts", [])) +
        list(getattr(go.toolchain.flags, "link", []))
    )

    # Old releases of rules_go call it `link`.
    linkmode = getattr(mode, "linkmode", None) or getattr(mode, "link", "normal")
    return mode.static or mode.race or mode.msan or linkmode != "normal" or any(["linkmode" in o for o in options])

def installed_std(go):
    """Returns where the archives of the standard library are.

    Returns:
      A struct with
        root: File, a tree artifact.
        below: string, the folder in it that has IMPORTPATH.a.
        files: depset[File], what an action needs as inputs to read them.
    """
    return struct(root = go.stdlib.root_file, below = "/" + _installsuffix(go.mode), files = depset_of(go.stdlib.libs))

def plain_stdlib(target):
    """Returns what a toolchain's stdlib action returns, from the `@rules_go//:stdlib` target."""
    if not GoInfo:
        return [target[GoSource], target[GoLibrary]]
    return [target[GoInfo], target[_GoStdLibInfo]]

def std_go_info(go, importpath, srcs, gc_goopts):
    """Returns the GoInfo of one standard library package that is compiled on its own."""
    if not GoInfo:
        package = GoLibrary(**(fields_of(go.new_library(go, name = "std/" + importpath, importpath = importpath, srcs = srcs)) | {"pathtype": _EXPLICIT_PATH}))
        return copy_go_info(go.library_to_source(go, struct(), package, False), gc_goopts = gc_goopts)
    info = new_go_info(
        go,
        struct(),
        name = "std/" + importpath,
        importpath = importpath,
        coverage_instrumented = False,
        generated_srcs = srcs,
        pathtype = _EXPLICIT_PATH,
    )
    return copy_go_info(info, gc_goopts = gc_goopts)

def link_inputs(packages):
    """Returns what links get for packages that the program's own dependencies do not bring.

    Args:
      packages: list[GoArchiveData].

    Returns:
      A struct for `with_extra_link_inputs`, with the fields
        data: depset[GoArchiveData], as in a GoArchive's `transitive`, which rules_go's link makes its `-arc` arguments of.
        files: depset[File], as in its `libs`.
        listed: depset[GoArchiveData], those that count for the build info.
        build_info: depset[File], as in its `_buildinfo_link_inputs`.
    """
    data = depset(packages)
    return struct(
        data = data,
        files = depset([d.file for d in packages]),
        listed = data,
        build_info = depset([f for d in packages for f in (getattr(d, "_imports", None), getattr(d, "_package_metadata", None)) if f]),
    )

def std_link_inputs(packages):
    """Returns what `link_inputs` returns, for packages of the standard library, to put in place of the plain ones.

    Args:
      packages: list[struct(label, importmap, file)].
    """
    return struct(
        # Before 0.51 the link asks each package whether what it was compiled against is there; of std it does not know.
        data = depset([struct(label = p.label, importmap = p.importmap, file = p.file, _dep_importmaps = (), _dep_labels = ()) for p in packages]),
        files = depset([p.file for p in packages]),
        listed = depset(),
        build_info = depset(),
    )

def as_stdlib(go):
    """Returns a go context whose archive() compiles with the flags with which rules_go compiles the standard library.

    Those are of a mode its race detector, sanitizer, link mode, profile and `gc_goopts`; neither what `-c dbg` adds to other packages nor
    what a toolchain's own `flags.compile` does.
    """
    toolchain = fields_of(go.toolchain)
    flags = struct(**(fields_of(go.toolchain.flags) | {"compile": ()}))
    return struct(**(fields_of(go) | {
        "mode": struct(**(fields_of(go.mode) | {"debug": False})),
        "toolchain": struct(**(toolchain | {"flags": flags})),
    }))

def with_extra_link_inputs(archive, extra):
    """Returns a main package's archive whose link also gets other packages.

    Args:
      archive: GoArchive of the main package.
      extra: list of what `link_inputs` and `std_link_inputs` return.
    """
    changes = {}
    if hasattr(archive, "_buildinfo_link_inputs"):
        changes["_buildinfo_link_inputs"] = depset(transitive = [archive._buildinfo_link_inputs] + [e.build_info for e in extra])
    return copy_go_archive(
        archive,
        direct = list(archive.direct) + [struct(transitive = e.data) for e in extra],
        libs = depset(transitive = [archive.libs] + [e.files for e in extra]),
        transitive = depset(transitive = [archive.transitive] + [e.listed for e in extra]),
        **changes
    )

# What rules_go reads of the stable status, beside keys that begin with STABLE_; what is not there is in the volatile one.
_STABLE_KEYS = ["BUILD_EMBED_LABEL", "BUILD_HOST", "BUILD_USER"]

def _is_volatile(key):
    return not key.startswith("STABLE_") and key not in _STABLE_KEYS

def with_stamps(go, archive, package, variables):
    """Returns a main package's archive whose link sets variables from Bazel's workspace status, in a stamped build.

    No cache answers a link that reads the volatile status, which has the time. So the keys of it are left out, but in a program whose link
    reads it anyway.

    Args:
      go: rules_go's context.
      archive: GoArchive of the main package.
      package: string, the package of the variables.
      variables: dict[string, string], names of variables of type string, and the keys of the workspace status for them. The link
        leaves out those whose keys the status does not have.
    """
    if not go.mode.stamp:
        return archive
    keys = [part.partition("}") for value in archive.x_defs.values() for part in value.split("{")[1:]]
    volatile = any([_is_volatile(key) for key, end, _ in keys if end])
    return copy_go_archive(
        archive,
        x_defs = archive.x_defs | {
            package + "." + name: "{" + key + "}"
            for name, key in variables.items()
            if volatile or not _is_volatile(key)
        },
    )

def context(ctx):
    """Returns rules_go's context for a rule that has a `_go_context_data` attribute and no sources of its own."""
    if not GoInfo:
        return go_context(ctx)
    return go_context(ctx, go_context_data = ctx.attr._go_context_data, importpath = "")

def is_test_main(source):
    """Returns whether what `describe` returns is the generated main package of a go_test."""
    return source.is_main and source.importpath == "testmain"

def module_version(go, source):
    """Returns what is known of the version of the Go module that a package belongs to.

    gazelle says of a repository that it makes of a module which version that is, by the repository's default package metadata. A
    repository's own packages have none.

    Args:
      go: rules_go's context.
      source: what archive() is given, a GoInfo or GoSource.

    Returns:
      A struct, of which at most one field is not None, with
        metadata: File, JSON with a `purl` that has the version; rules_go notes it since 0.61 or so.
        version: string, as v1.2.3.
    """
    metadata = getattr(source, "_package_metadata", None)
    if metadata:
        return struct(metadata = metadata, version = None)
    library = source if GoInfo else source.library
    attr = go._ctx.attr
    for target in getattr(attr, "package_metadata", None) or getattr(attr, "applicable_licenses", None) or [] if library.label == go.label else []:
        if PackageInfo in target and target[PackageInfo].package_version:
            return struct(metadata = None, version = "v" + target[PackageInfo].package_version.removeprefix("v"))
    return struct(metadata = None, version = None)

def is_test_rule(go):
    """Returns whether what is compiled belongs to a test rule.

    Bazel configures a test twice where both its own and another rule ask for it (--trim_test_configuration), with the same outputs. It
    then takes actions for the same ones unless they list unused inputs.
    """
    return hasattr(go._ctx.attr, "shard_count") and hasattr(go._ctx.attr, "flaky")

def sdk_version(go):
    """Returns the Go release of the toolchain, such as 1.26.8."""
    return go.sdk.version

def sdk_experiments(sdk):
    """Returns what GOEXPERIMENT is for a GoSDK; before 0.51 they are a list."""
    return ",".join(sdk.experiments) if type(sdk.experiments) == "list" else sdk.experiments

def package_srcs_by_dir(sdk):
    """Groups the standard library's files by package.

    Args:
      sdk: GoSDK.

    Returns:
      dict[string, list[File]]: sources and headers by their directory below src/.
    """
    by_dir = {}
    root = sdk.root_file.dirname + "/src/"
    for f in depset_of(sdk.srcs).to_list() + depset_of(sdk.headers).to_list():
        if f.path.startswith(root):
            by_dir.setdefault(f.dirname[len(root):], []).append(f)
    return by_dir
