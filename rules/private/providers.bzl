"""Providers that the rules of rules_go_weave pass among themselves."""

visibility(["//rules/..."])

GoweaveInfo = provider(
    doc = "The weaver, as a toolchain provides it.",
    fields = {
        "tool": "FilesToRunProvider: the goweave executable.",
    },
)

GoInstrumentationInfo = provider(
    doc = "A named set of rules and the library of hooks that they call.",
    fields = {
        "deps": "list[GoArchive]: what woven packages may come to import.",
        "exclude": "list of what compile_pattern returns: packages that patterns leave out.",
        "foreign": "bool: whether the rules are of another tool, by the name of their file.",
        "hooks": "GoArchive or None: the hook library.",
        "include": "list of what compile_pattern returns: if not empty, patterns are for these packages only.",
        "main_rules": "File: what a main package needs to know to connect the hooks, as `goweave lower --main` writes it.",
        "name": "string: the name that rules files, reports and OTEL_INSTRUMENTATION_<NAME>_ENABLED use.",
        "patterns": """list[struct(pattern, importing, file)]: the rules for packages that a pattern (as compile_pattern returns it) matches;
those that are about another package, and so match only where it is imported, by its import path `importing`, which is None of others.""",
        "places": "File: where the rules stand in their file, as `goweave lower --places` writes it.",
        "rewriter": "struct(name, program) or None: an external rewriter, its name and FilesToRunProvider.",
        "rule_file": "string: the path of the rule file.",
        "support": "bool: whether this instrumentation applies to every program that another one applies to, and to no other.",
        "targets": "dict[string, File]: import path of a package to the rules for it, as `goweave lower --target` writes them.",
        "typed": "dict[string, None]: those of the targets, and of the texts of patterns, whose rules ask for types.",
    },
)

GoInstrumentationSetInfo = provider(
    doc = "The instrumentations of a build, in the order in which they are applied.",
    fields = {
        "instrumentations": "list[GoInstrumentationInfo]",
    },
)

WovenStdInfo = provider(
    doc = "The packages of the standard library that rules match, compiled from woven sources.",
    fields = {
        "always": "What `std_link_inputs` returns, of packages linked into every program that has hook libraries; nothing loads them unless the program imports them.",
        "checked": "File or None: an empty one, made where the linker takes all of them in place of the plain ones.",
        "cgo": "bool: whether they have one that is built with cgo.",
        "facts": "depset[File]: what `goweave weave --facts` says of each package.",
        "graph": "File: the import graph of the standard library for this target, as `goweave stdgraph` writes it.",
        "reports": "depset[File]: the report of each package, and where the rules stand that they are about.",
        "sources": "depset[File]: the woven sources and the reports.",
        "support": "list[struct(label, importmap, file)]: packages of support instrumentations, linked only into programs that an instrumentation applies to.",
    },
)
