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
        "hooks": "GoArchive or None: the hook library.",
        "main_rules": "File: what a main package needs to know to connect the hooks, as `goweave lower --main` writes it.",
        "name": "string: the name that rules files, reports and OTEL_INSTRUMENTATION_<NAME>_ENABLED use.",
        "support": "bool: whether this instrumentation applies to every program that another one applies to, and to no other.",
        "targets": "dict[string, File]: import path of a package to the rules for it, as `goweave lower --target` writes them.",
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
        "always": "list[struct(label, importmap, file)]: linked into every program that has hook libraries; nothing loads them unless the program imports them.",
        "graph": "File: the import graph of the standard library for this target, as `goweave stdgraph` writes it.",
        "sources": "depset[File]: the woven sources and the reports.",
        "support": "list[struct(label, importmap, file)]: packages of support instrumentations, linked only into programs that an instrumentation applies to.",
    },
)
