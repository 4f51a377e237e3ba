"""The index of rules: which lowered rule files are for a package, by its import path and those of its direct dependencies.

A package is asked about once for each of its targets, so a question costs one look-up and one comparison for each pattern.
"""

load(":messages.bzl", "messages")
load(":patterns.bzl", "any_matches", "may_be_std", "pattern_matches")

visibility(["//rules/..."])

# What patterns never reach: hooks and the runtime that they use.
_OURS = "github.com/rules-go-weave/rules_go_weave/"

def new_index(instrumentations, *, label, deps, runtime):
    """Makes an index.

    Args:
      instrumentations: list[GoInstrumentationInfo], in the order in which they are applied; their hooks and deps say what depends on what.
      label: Label, for messages.
      deps: list[list[GoArchive]] or None: what packages woven by each instrumentation may import in addition. None where that
        cannot be: where these libraries themselves are built.
      runtime: GoArchive of the library that generated files use.

    Returns:
      A struct for `rules_for`.
    """
    linked = {}
    if any([info.deps for info in instrumentations]):
        linked = _importpaths([a for info in instrumentations for a in archives(info)] + [runtime])

    exact = {}
    patterns = []
    for order, info in enumerate(instrumentations):
        entry = struct(
            order = order,
            name = info.name,
            places = info.places,
            rewriter = info.rewriter,
            rule_file = info.rule_file,
            deps = deps[order] if deps else [],
        )

        # A library cannot import what imports it.
        if info.deps:
            for importpath in info.targets:
                if importpath in linked:
                    fail(messages.import_cycle(
                        label,
                        importpath,
                        info.name,
                        [d.data.importpath for d in info.deps],
                        _path_to(importpath, [a for i in instrumentations for a in archives(i)]),
                    ))
            if deps == None:
                continue
        for importpath, file in info.targets.items():
            exact.setdefault(importpath, []).append(struct(file = file, of = entry, typed = importpath in info.typed))
        if info.patterns:
            patterns.append(struct(
                entry = entry,
                patterns = info.patterns,
                typed = info.typed,
                include = info.include,
                exclude = info.exclude,
                # By a pattern nobody asks for hooks that call themselves.
                avoid = linked if info.deps else _importpaths(archives(info)),
            ))
    return struct(exact = exact, patterns = patterns)

def rules_for(index, importpath, deps):
    """Finds the rules for a package.

    Args:
      index: what `new_index` returns.
      importpath: string, of the package.
      deps: list[GoArchive], its direct dependencies.

    Returns:
      list[struct(file, of, typed)]: lowered rule files, what goes with their instrumentation (order, name, places, rewriter, rule_file, deps), and whether
      they ask for types, in the order in which they are applied.
    """
    found = index.exact.get(importpath, [])
    imports = None
    for candidate in index.patterns:
        if importpath in candidate.avoid or importpath.startswith(_OURS):
            continue
        matched = [p for p in candidate.patterns if pattern_matches(p.pattern, importpath)]
        if not matched or candidate.include and not any_matches(candidate.include, importpath) or any_matches(candidate.exclude, importpath):
            continue
        for p in matched:
            if p.importing:
                if imports == None:
                    imports = _imports(importpath, deps)

                # Imports of the standard library are in no build graph. Where there is none, the woven sources are the originals.
                if p.importing not in imports and not may_be_std(p.importing):
                    continue
            found = found + [struct(file = p.file, of = candidate.entry, typed = p.pattern.text in candidate.typed)]
    return sorted(found, key = lambda f: f.of.order)

def named_by(index, package):
    """Finds the instrumentations that name a package, whether it is woven or left out.

    Args:
      index: what `new_index` returns.
      package: what `describe` returns.

    Returns:
      list[int], their places in the order in which they are applied.
    """
    return [r.of.order for path in (package.importpath, package.importmap) for r in index.exact.get(path, [])]

def std_rules(instrumentations, packages):
    """Finds the rules for packages of the standard library.

    Args:
      instrumentations: list[GoInstrumentationInfo], in the order in which they are applied.
      packages: list[string], import paths.

    Returns:
      dict[string, list[struct(file, places, info, typed)]] by import path.
    """
    found = {}
    known = {p: None for p in packages}
    for info in instrumentations:
        for importpath, file in info.targets.items():
            if importpath in known:
                found.setdefault(importpath, []).append(struct(file = file, places = info.places, info = info, typed = importpath in info.typed))
        for p in info.patterns:
            if not may_be_std(p.pattern.text):
                continue
            for importpath in packages:
                if (pattern_matches(p.pattern, importpath) and
                    (not info.include or any_matches(info.include, importpath)) and
                    not any_matches(info.exclude, importpath)):
                    found.setdefault(importpath, []).append(struct(file = p.file, places = info.places, info = info, typed = p.pattern.text in info.typed))
    return found

def archives(info):
    """Returns the libraries of an instrumentation: list[GoArchive]."""
    return ([info.hooks] if info.hooks else []) + info.deps

def _importpaths(archives):
    """Returns the packages that libraries consist of: as many as the hooks of a build have, whatever is woven."""
    return {d.importpath: None for d in depset(transitive = [a.transitive for a in archives]).to_list()}

def _imports(importpath, deps):
    known = {importpath: None}
    for d in deps:
        known[d.data.importpath] = None
        known.update([(alias, None) for alias in d.data.importpath_aliases])
    return known

def _path_to(importpath, libraries):
    """Says which library depends on a package."""
    for a in libraries:
        if a.data.importpath == importpath:
            return ""
        if any([d.importpath == importpath for d in a.transitive.to_list()]):
            return messages.depends_on_it(a.data.importpath, a.data.label)
    return ""
