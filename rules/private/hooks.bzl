"""The hook libraries that a program may need.

What a program uses of the standard library is not in the build graph, so hooks for that may be needed by every program. Hooks for other
packages may be needed where such a package is in the program's closure: no other program compiles against them, or links them.
GoWeaveMain then finds out which of these libraries a program does need, and tells Bazel that the others are not used.
"""

load(":compat.bzl", "fields_of")
load(":linked.bzl", "new_packages", "packages_of")
load(":patterns.bzl", "may_be_std")

visibility(["//rules/..."])

# What the hooks of this module's import paths begin with.
_OURS = "github.com/rules-go-weave/rules_go_weave/"

def bits(orders):
    """Returns a set of instrumentations as an int: bit n is for the n-th in the order in which they are applied.

    Args:
      orders: list[int].
    """
    found = 0
    for order in orders:
        found |= 1 << order
    return found

def new_hooks(ctx, instrumentations, *, runtime):
    """Says what a program needs to know of hook libraries.

    Args:
      ctx: the toolchain's, to write a file.
      instrumentations: list[GoInstrumentationInfo], in the order in which they are applied, whose hooks are to be linked.
      runtime: GoArchive of the library that generated files use.

    Returns:
      A struct for `hooks_for`, with the fields
        carried: depset[string], NAME=IMPORTPATH of the packages with rules that the hooks of an instrumentation bring into a program.
        files: File, as JSON: by the path of each file that hook libraries consist of, the names of the instrumentations with these
          hooks; none where any instrumentation needs it. Files that woven packages may import are left out.
        packages: what `new_packages` returns, of these libraries and of what woven packages may import.
        deps: list[int], by the order of instrumentations: the set of the packages that their deps consist of.
    """
    named = {}
    std = []
    for order, info in enumerate(instrumentations):
        for importpath in info.targets:
            named.setdefault(importpath, []).append(order)
        if any([may_be_std(path) for path in info.targets.keys() + [p.pattern.text for p in info.patterns]]):
            std.append(order)

    carried = []
    brings = []
    for info in instrumentations:
        # The hooks of this module know of each other, and what they are made of is no part of the program.
        brings_along = info.hooks and not info.hooks.data.importpath.startswith(_OURS)
        brought = [d.importpath for d in info.hooks.transitive.to_list() if d.importpath in named] if brings_along else []
        carried.extend(["{}={}".format(info.name, importpath) for importpath in brought])
        brings.append(bits([order for importpath in brought for order in named[importpath]]))

    # What hooks bring into a program has hooks itself.
    for _ in instrumentations:
        brings = [_with(found, brings) for found in brings]

    # What woven packages import is needed whether or not hooks are.
    kept = depset(transitive = [a.transitive for info in instrumentations for a in info.deps]).to_list()
    kept = {f.path: None for d in kept for f in (d.file, d.export_file)}
    files = {}
    for info in instrumentations:
        for d in info.hooks.transitive.to_list() if info.hooks else []:
            for f in (d.file, d.export_file):
                files.setdefault(f.path, []).append(info.name)
    for d in runtime.transitive.to_list():
        files.update({f.path: [] for f in (d.file, d.export_file)})
    written = ctx.actions.declare_file(ctx.label.name + ".hooks.json")
    ctx.actions.write(written, json.encode({path: names for path, names in files.items() if path not in kept}))

    std = bits(std)
    libraries = [
        struct(archive = info.hooks, bit = 1 << order, brings = brings[order], support = info.support)
        for order, info in enumerate(instrumentations)
        if info.hooks
    ]
    common = _needed(libraries, std)
    packages = new_packages(
        [[library.archive for library in libraries if common & library.bit] + [runtime]] +
        [[library.archive] for library in libraries] +
        [info.deps for info in instrumentations],
    )
    return struct(
        libraries = [
            struct(cgo = _with_cgo(library.archive), packages = packages_of(packages, [library.archive]), **fields_of(library))
            for library in libraries
        ],
        runtime = struct(archive = runtime, cgo = _with_cgo(runtime), packages = packages_of(packages, [runtime])),
        std = std,
        carried = depset(carried),
        files = written,
        packages = packages,
        deps = [packages_of(packages, info.deps) for info in instrumentations],
    )

def _with_cgo(archive):
    """Returns export data of those packages of a library that may be compiled with cgo; some say so that have no C for the target."""
    return [d.export_file or d.file for d in archive.transitive.to_list() if getattr(d, "_cgo", True)]

def _with(found, brings):
    for order, more in enumerate(brings):
        if found & 1 << order:
            found |= more
    return found

def _needed(libraries, found):
    """Adds to a set of instrumentations those that others need: support, and what hooks bring into a program."""
    needed = found
    for library in libraries:
        if library.support or found & library.bit:
            needed |= library.bit | library.brings
    return needed

def hooks_for(hooks, applicable):
    """Returns the hook libraries that a program may need; GoWeaveMain finds out which of them it does.

    Args:
      hooks: what `new_hooks` returns.
      applicable: int, the instrumentations (see `bits`) that are for packages of the program's closure.

    Returns:
      A struct with
        archives: list[GoArchive].
        cgo: list[File], export data of those of their packages that may be compiled with cgo.
        packages: int, the set of the packages that they consist of.
    """
    needed = _needed(hooks.libraries, hooks.std | applicable)
    chosen = [library for library in hooks.libraries if needed & library.bit] + [hooks.runtime]
    packages = 0
    for library in chosen:
        packages |= library.packages
    return struct(
        archives = [library.archive for library in chosen],
        cgo = {f: None for library in chosen for f in library.cgo}.keys(),
        packages = packages,
    )
