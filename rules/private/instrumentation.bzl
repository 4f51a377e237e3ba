"""go_instrumentation and go_instrumentation_set."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("@rules_go//go:def.bzl", "GoArchive")
load(":check.bzl", "GOWEAVE_TOOLCHAIN", "GOWEAVE_TYPE", "goweave_of")
load(":compat.bzl", "GO_LIBRARY_PROVIDERS", "library")
load(":configuration.bzl", "is_tool_configuration")
load(":messages.bzl", "messages")
load(":names.bzl", "meant")
load(":patterns.bzl", "any_matches", "compile_pattern", "pattern_error")
load(":programs.bzl", "tool_program")
load(":providers.bzl", "GoInstrumentationInfo", "GoInstrumentationSetInfo")
load(":shipped.bzl", "FOLDERS", "SHIPPED")

visibility(["//rules/..."])

# No import path has "=" in it.
_ESCAPES = {"_": "=u", "+": "=p", "/": "_", "*": "+", "?": "=q", "[": "=o", "]": "=c", "^": "=n", "!": "=x", "@": "=a"}

def _file_name(path):
    """Returns a file name for an import path or pattern: injective, and readable."""
    return "".join([_ESCAPES.get(c, c) for c in path.elems()])

def _has_hook_contexts(file):
    """Returns whether rules are of otelc or of Alibaba's agent, whose hooks are given a context, by the name of their file."""
    name = file.basename
    return file.extension == "json" or name in ["otelc.yml", "otelc.yaml"] or name.endswith(".otelc.yml") or name.endswith(".otelc.yaml")

def _is_foreign(file):
    """Returns whether rules are of otelc, of Alibaba's agent or of Orchestrion, by the name of their file."""
    stem = file.basename.rpartition(".")[0]
    return _has_hook_contexts(file) or stem == "orchestrion" or stem.endswith(".orchestrion")

def _patterns(attribute, values):
    for text in values:
        error = pattern_error(text)
        if error:
            fail(messages.invalid_pattern(attribute, text, error))
    return [compile_pattern(text) for text in values]

def _go_instrumentation_impl(ctx):
    tool = goweave_of(ctx)
    name = ctx.attr.instrumentation_name or ctx.label.name
    hooks = ctx.attr.hooks
    include = _patterns("include", ctx.attr.include)
    exclude = _patterns("exclude", ctx.attr.exclude)

    def _declare(base):
        return ctx.actions.declare_file("{}.rules/{}.json".format(ctx.label.name, base))

    targets = {}
    patterns = []
    for pattern in _patterns("targets", ctx.attr.targets):
        file = _declare(_file_name(pattern.text))
        if pattern.exact:
            targets[pattern.text] = file
        else:
            patterns.append(struct(pattern = pattern, importing = None, file = file))
        if pattern.exact and (any_matches(exclude, pattern.text) or include and not any_matches(include, pattern.text)):
            fail(messages.contradictory_target(pattern.text, "exclude" if any_matches(exclude, pattern.text) else "include"))
    for pattern in _patterns("importing", ctx.attr.importing.keys()):
        if pattern.exact:
            fail(messages.package_in_importing(pattern.text))
        for importing in [p.text for p in _patterns("importing", ctx.attr.importing[pattern.text])]:
            file = _declare("{}@{}".format(_file_name(pattern.text), _file_name(importing)))
            patterns.append(struct(pattern = pattern, importing = importing, file = file))
    known = {text: None for text in ctx.attr.targets + ctx.attr.importing.keys()}
    for text in ctx.attr.typed:
        if text not in known:
            fail(messages.unknown_typed(text))
    if not targets and not patterns:
        fail(messages.no_packages())
    if hooks and _has_hook_contexts(ctx.file.rules) and library(hooks).importpath not in targets:
        # Their hooks are given a context by functions that stand beside them.
        targets[library(hooks).importpath] = _declare(_file_name(library(hooks).importpath))
    main_rules = ctx.actions.declare_file(ctx.label.name + ".rules.main.json")
    places = ctx.actions.declare_file(ctx.label.name + ".rules.places.json")
    outputs = targets.values() + [p.file for p in patterns] + [main_rules, places]

    args = ctx.actions.args()
    args.use_param_file("@%s", use_always = False)
    args.set_param_file_format("multiline")
    args.add("--instrumentation-name", name)
    args.add("--rules", ctx.file.rules)
    hook_srcs = []
    if hooks:
        hook_srcs = [f for f in library(hooks).srcs if f.extension == "go"]
        args.add("--hooks-importpath", library(hooks).importpath)
        args.add_all(hook_srcs, before_each = "--hook-file")
    args.add_all(ctx.files.adapters, before_each = "--hook-file")
    args.add_all(ctx.attr.root_modules, before_each = "--root-module")
    args.add_all([library(d).importpath for d in ctx.attr.deps], before_each = "--dependency")
    for importpath, out in targets.items():
        args.add_all([out], before_each = "--target", format_each = importpath + "=%s")
    for p in patterns:
        if p.importing:
            args.add_all([p.file], before_each = "--importing", format_each = "{}={}=%s".format(p.pattern.text, p.importing))
        else:
            args.add_all([p.file], before_each = "--target", format_each = p.pattern.text + "=%s")
    args.add_all(ctx.attr.typed, before_each = "--typed")
    rewriter = None
    if ctx.attr.rewriter:
        if "=" in name:
            fail(messages.rewriter_name(name))
        rewriter = struct(name = name, program = ctx.attr.rewriter[DefaultInfo].files_to_run)
        args.add("--rewriter")
    if ctx.attr.support:
        args.add("--support")
    args.add("--main", main_rules)
    args.add("--places", places)

    ctx.actions.run(
        executable = tool,
        arguments = ["lower", args],
        inputs = [ctx.file.rules] + ctx.files.extends + ctx.files.adapters + hook_srcs,
        outputs = outputs,
        mnemonic = "GoWeaveRules",
        progress_message = "Reading the rules of Go instrumentation %{label}",
        execution_requirements = {"supports-path-mapping": "1"},
        toolchain = GOWEAVE_TOOLCHAIN,
    )
    return [
        DefaultInfo(files = depset(outputs)),
        GoInstrumentationInfo(
            name = name,
            targets = targets,
            patterns = patterns,
            foreign = _is_foreign(ctx.file.rules),
            include = include,
            exclude = exclude,
            main_rules = main_rules,
            places = places,
            hooks = hooks[GoArchive] if hooks else None,
            deps = [d[GoArchive] for d in ctx.attr.deps],
            rewriter = rewriter,
            rule_file = ctx.file.rules.path,
            support = ctx.attr.support,
            typed = {text: None for text in ctx.attr.typed},
        ),
    ]

_go_instrumentation = rule(
    implementation = _go_instrumentation_impl,
    doc = """A set of rules for some packages and the Go library of hooks that the rules call.

Only the rules for a package are inputs of that package's weave action.

Bazel must know the packages before it can read the rule file, so `targets` and `importing` repeat them; if they differ from the rules,
an error prints the lines to write. A package is woven if its import path is listed or matched, no attribute excludes it, and its target has
no tag `no-weave`. A pattern never matches the hooks and their dependencies, which would call themselves (list such a package explicitly if
you mean it), and matches packages of the standard library only if it begins with a name, as `net/...`.
""",
    attrs = {
        "adapters": attr.label_list(
            doc = "Adapters: Go files that the rule file names in `file`, whose declarations are added to woven packages.",
            allow_files = [".go"],
        ),
        "deps": attr.label_list(
            doc = """Go libraries that woven packages may newly import: the `dependencies` of the rules.

This instrumentation cannot weave the dependencies of these libraries and of the hooks: patterns skip them, and listing one is an error.
""",
            providers = GO_LIBRARY_PROVIDERS,
        ),
        "exclude": attr.string_list(
            doc = "Import paths and patterns of packages to exclude from the matches of patterns.",
        ),
        "extends": attr.label_list(
            doc = "Rule files of Orchestrion that `rules` extends.",
            allow_files = [".yaml", ".yml"],
        ),
        "hooks": attr.label(
            doc = """The go_library with the hook functions. Not needed by rules that only add code.

For rules of Orchestrion, the library that is or imports the packages in `links`.
""",
            providers = GO_LIBRARY_PROVIDERS,
        ),
        "importing": attr.string_list_dict(
            doc = """For each pattern of packages, the other packages that its rules are about: by a call of their functions, a literal of their types,
or an import.

Only packages that match the pattern and have such a package among their `deps` (or are it) get these rules. Imports of the standard
library are not in the build graph: for those, every package that matches the pattern gets a weave action. If it changes nothing, the compiled
package is byte for byte the plain one, so its dependents are not recompiled.
""",
        ),
        "include": attr.string_list(
            doc = "If given, import paths and patterns: of the packages that the patterns of the rules match, only these are woven.",
        ),
        "instrumentation_name": attr.string(
            doc = "The name in reports and in OTEL_INSTRUMENTATION_<NAME>_ENABLED; must equal the `name` in the rule file. By default the target's name.",
        ),
        "rewriter": attr.label(
            doc = """An external rewriter (docs/rewriters.md) for the packages of the rules, and those in `packages` of the `rewriter` in the rule
file. When it changes, these packages are woven again.
""",
            cfg = "exec",
            executable = True,
        ),
        "root_modules": attr.string_list(
            doc = "Paths of modules of this repository: the values of `$root` in rules of otelc; the first one also is `root: true` in rules of Orchestrion.",
        ),
        "rules": attr.label(
            doc = "The rule file (see docs/rules.md), one of Orchestrion (see docs/orchestrion.md), or one of otelc (`*.otelc.yml`) or of Alibaba's agent (`*.json`; see docs/otelc.md).",
            allow_single_file = [".yaml", ".yml", ".json"],
            mandatory = True,
        ),
        "support": attr.bool(
            doc = "Whether this is a support instrumentation, which applies only to programs that another one applies to. Must agree with `support: true` in the rule file.",
        ),
        "targets": attr.string_list(
            doc = "Import paths and patterns of all packages in the rules, except patterns whose rules are all in `importing`.",
        ),
        "typed": attr.string_list(
            doc = """Those of `targets` and of the patterns in `importing` whose rules ask for types (see docs/rules.md).

Before such a package is woven, the types helper checks it, which needs the export data of its imports.
""",
        ),
    },
    toolchains = [GOWEAVE_TYPE],
)

def go_instrumentation(name, *, rewriter = None, **kwargs):
    """Defines an instrumentation: rules for some packages, and the Go library with their hooks. The rule above has the attributes.

    Args:
      name: string, of the target.
      rewriter: label of a program, or None.
      **kwargs: the other attributes, and attributes common to all rules.
    """
    if rewriter:
        tool_program(
            name = name + ".rewriter",
            program = rewriter,
            tags = ["manual"],
            visibility = ["//visibility:private"],
        )
        rewriter = name + ".rewriter"
    _go_instrumentation(name = name, rewriter = rewriter, **kwargs)

def _go_instrumentation_set_impl(ctx):
    infos = []
    for target in ctx.attr.instrumentations:
        if GoInstrumentationSetInfo in target:
            infos.extend(target[GoInstrumentationSetInfo].instrumentations)
        else:
            infos.append(target[GoInstrumentationInfo])
    names = {}
    for info in infos:
        if info.name in names:
            fail(messages.same_name(ctx.label, info.name))
        names[info.name] = True
    return [GoInstrumentationSetInfo(instrumentations = infos)]

go_instrumentation_set = rule(
    implementation = _go_instrumentation_set_impl,
    doc = "Several instrumentations, applied in this order. Choose a set by `--@rules_go_weave//:instrumentations=//your:set`.",
    attrs = {
        "instrumentations": attr.label_list(
            doc = "go_instrumentation or go_instrumentation_set targets.",
            providers = [[GoInstrumentationInfo], [GoInstrumentationSetInfo]],
        ),
    },
)

def give_way(infos, only):
    """Leaves out what is shipped for a package that rules of another tool weave, too: both would make a span of each call.

    Which functions the rules are for no rule of Bazel can read; `goweave go` does, and leaves out only what is for the same function.

    Args:
      infos: list[GoInstrumentationInfo].
      only: list[string], names of instrumentations that a flag lists: what is listed is taken as it is.

    Returns:
      A struct with
        infos: list[GoInstrumentationInfo], the rest.
        notes: list[string], what was left out and how to have it.
    """
    foreign = {}
    for info in infos:
        for importpath in info.targets if info.foreign else []:
            foreign.setdefault(importpath, info.name)
    rest = []
    notes = []
    for info in infos:
        shared = [p for p in info.targets if p in foreign] if info.name in SHIPPED and not info.foreign and not _always(info) and info.name not in only else []
        if shared:
            notes.append(messages.shipped_is_off(info.name, foreign[shared[0]], shared[0]))
        else:
            rest.append(info)
    return struct(infos = rest, notes = notes)

def _always(info):
    """Returns whether an instrumentation is on although flags name others."""
    shipped = SHIPPED.get(info.name)
    return shipped.always if shipped else info.support

def _chosen_instrumentations_impl(ctx):
    infos = ctx.attr.instrumentations[GoInstrumentationSetInfo].instrumentations

    # What is shipped and not for this repository is not a mistake.
    names = [info.name for info in infos]
    known = names + [name for name in SHIPPED if name not in names]
    only = meant(ctx.attr.only[BuildSettingInfo].value, known, where = str(ctx.attr.only.label), folders = FOLDERS)
    leave_out = meant(ctx.attr.leave_out[BuildSettingInfo].value, known, where = str(ctx.attr.leave_out.label), folders = FOLDERS)
    chosen = give_way([
        info
        for info in infos
        if info.name not in leave_out and (not only or info.name in only or _always(info))
    ], only)

    # In each stage of each configuration: said in one that every woven build has once.
    if ctx.attr._stage[BuildSettingInfo].value == "base" and not is_tool_configuration(ctx):
        for note in chosen.notes:
            # buildifier: disable=print
            print(note)
    return [GoInstrumentationSetInfo(instrumentations = chosen.infos)]

chosen_instrumentations = rule(
    implementation = _chosen_instrumentations_impl,
    doc = "Those of a go_instrumentation_set that flags name.",
    attrs = {
        "instrumentations": attr.label(mandatory = True, providers = [GoInstrumentationSetInfo]),
        "leave_out": attr.label(mandatory = True, providers = [BuildSettingInfo]),
        "only": attr.label(mandatory = True, providers = [BuildSettingInfo]),
        "_stage": attr.label(default = "//:weave", providers = [BuildSettingInfo]),
    },
)
