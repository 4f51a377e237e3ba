"""The messages of builds, one function for each: the thing and the fault, then the next step.

A message is given to `fail`, or to `print` where the build goes on; no other file has the text of one. rules/tests/messages_test.bzl lists
them, tool/engine/tests/language.rs looks for others.
"""

visibility(["//rules/..."])

_NOT_REGISTERED = "the toolchains of rules_go_weave are not registered: write register_toolchains(\"@rules_go_weave//rules/toolchain:all\") in MODULE.bazel"
_ANOTHER_FIRST = "another Go toolchain comes before the woven one: register @rules_go_weave//rules/toolchain:all before your own in MODULE.bazel, or name it last in --extra_toolchains (it then uses yours)"
_VERSIONS_PAGE = "docs/compatibility.md of rules_go_weave"
_OTHER_WEAVER = "or register a goweave_toolchain with a weaver that was built elsewhere (docs/remote.md of rules_go_weave)"

# The build as a whole.

def _no_bzlmod():
    return "rules_go_weave requires Bzlmod, and this build has a WORKSPACE and --noenable_bzlmod: add rules_go_weave to MODULE.bazel and remove the flag (https://bazel.build/external/migration)"

def _not_registered(label = None):
    return _of(label) + "--@rules_go_weave//:weave=on has no effect: " + _NOT_REGISTERED

def _another_first():
    return "--@rules_go_weave//:weave=on has no effect: " + _ANOTHER_FIRST

def _another_first_for(label):
    return "{}: not woven: {}".format(label, _ANOTHER_FIRST)

def _other_system():
    return "cannot weave programs for this system: weaving supports Linux, macOS, Windows and FreeBSD"

def _no_weaver(label):
    return "{}: no weaver found: either {}, or no weaver supports an execution platform (a release has weavers for Linux, macOS and Windows, a checkout builds one for this machine): build it from source with goweave.tool(from_source = True), or register a goweave_toolchain (docs/remote.md of rules_go_weave)".format(label, _NOT_REGISTERED)

def _no_released_weaver(platform):
    return "this release of rules_go_weave has no weaver for " + platform

def _unknown_version(span, what, version, above):
    return "rules_go_weave supports {}, and this build has {}: {} (see {})".format(
        span,
        "{} version {}".format(what, repr(version)) if version else "{} of an unknown version".format(what),
        above,
        _VERSIONS_PAGE,
    )

def _old_version(what, lowest, version, below):
    return "rules_go_weave requires {} {} or newer, and this build has {}: {} (see {})".format(what, lowest, version, below, _VERSIONS_PAGE)

def _new_version(span, version, above):
    return "rules_go_weave supports {}, and this build has {}, which is newer: {} (see {})".format(span, version, above, _VERSIONS_PAGE)

def _warning(text):
    return "WARNING: " + text

# The weaver that is built from source.

def _no_rust(lowest):
    return "cannot find cargo and rustc on PATH, which build goweave from source: install Rust {} or newer (https://rustup.rs), {}".format(lowest, _OTHER_WEAVER)

def _old_rust(lowest, found):
    return "the rustc on PATH is too old: building goweave from source requires Rust {} or newer, and it is {}: install a newer one (https://rustup.rs), {}".format(lowest, found, _OTHER_WEAVER)

def _rustc_failed(rustc, stderr):
    return "cannot run {} -vV: {}".format(rustc, stderr)

def _cargo_failed(stderr):
    return "cannot build goweave with cargo:\n" + stderr

# Instrumentations.

def _unknown_instrumentation(where, name, near, known):
    return "{}: unknown instrumentation {}. {}".format(
        where,
        repr(name),
        "Did you mean {}?".format(" or ".join([repr(n) for n in near])) if near else "The instrumentations are {}.".format(", ".join([repr(n) for n in known])),
    )

def _invalid_pattern(attribute, text, error):
    return "{}: invalid import path pattern {}: {}".format(attribute, repr(text), error)

def _contradictory_target(importpath, other):
    return "targets names {}, and {} leaves it out: remove it from one of them".format(importpath, other)

def _package_in_importing(importpath):
    return "importing: {} is a single package: name it in targets".format(importpath)

def _unknown_typed(text):
    return "typed: {} is neither in targets nor a pattern in importing: add it to one of them".format(text)

def _no_packages():
    return "the instrumentation applies to no package: set targets or importing"

def _rewriter_name(name):
    return "invalid name {} of an instrumentation with a rewriter: remove the \"=\"".format(repr(name))

def _same_name(label, name):
    return "{}: duplicate instrumentation name {}: give one of them another instrumentation_name".format(label, name)

def _import_cycle(label, importpath, instrumentation, deps, path):
    return "{}: import cycle: {} cannot be woven by {}, since it would import its deps ({}): {} is one of the packages that hooks and deps of instrumentations depend on. {}Remove {} from its targets, or from the dependencies of these libraries.".format(
        label,
        importpath,
        instrumentation,
        ", ".join(deps),
        importpath,
        path,
        importpath,
    )

def _depends_on_it(importpath, label):
    return "{} ({}) depends on it. ".format(importpath, label)

def _shipped_is_off(shipped, own, package):
    return "the shipped instrumentation {shipped} is off: your own rules {own} are also for {package}; --@rules_go_weave//:except={own} uses the shipped one instead, and --@rules_go_weave//:only with both names uses both".format(
        shipped = shipped,
        own = own,
        package = package,
    )

# The module extension.

def _contradictory_choice(name):
    return "weave.instrumentations: {} is in both names and except_: remove it from one of them".format(repr(name))

def _not_root(module):
    return "weave.instrumentations: only the root module chooses instrumentations, and {} is not the root module: use the extension with dev_dependency = True there".format(module)

def _several_tags(count):
    return "weave.instrumentations is used {} times: write it once".format(count)

def _names_and_go_mod():
    return "weave.instrumentations: names and from_go_mod exclude each other: remove one of them"

# Packages and programs.

def _no_program(label, target):
    return "{}: programs: {} is not a Go program or test of this build: name a go_binary or go_test".format(label, target)

def _of(label):
    return "{}: ".format(label) if label else ""

messages = struct(
    another_first = _another_first,
    another_first_for = _another_first_for,
    cargo_failed = _cargo_failed,
    contradictory_choice = _contradictory_choice,
    contradictory_target = _contradictory_target,
    depends_on_it = _depends_on_it,
    import_cycle = _import_cycle,
    invalid_pattern = _invalid_pattern,
    names_and_go_mod = _names_and_go_mod,
    new_version = _new_version,
    no_bzlmod = _no_bzlmod,
    no_packages = _no_packages,
    no_program = _no_program,
    no_released_weaver = _no_released_weaver,
    no_rust = _no_rust,
    no_weaver = _no_weaver,
    not_registered = _not_registered,
    not_root = _not_root,
    old_rust = _old_rust,
    old_version = _old_version,
    other_system = _other_system,
    package_in_importing = _package_in_importing,
    rewriter_name = _rewriter_name,
    rustc_failed = _rustc_failed,
    same_name = _same_name,
    several_tags = _several_tags,
    shipped_is_off = _shipped_is_off,
    unknown_instrumentation = _unknown_instrumentation,
    unknown_typed = _unknown_typed,
    unknown_version = _unknown_version,
    warning = _warning,
)
