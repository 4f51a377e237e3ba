"""The instrumentations that this module ships, and how a repository chooses among them in its MODULE.bazel."""

load(":catalogue.bzl", "CATALOGUE")
load(":messages.bzl", "messages")
load(":names.bzl", "meant")

visibility("public")

# By name. One for packages of third-party modules is of use only where one of these was resolved. What spans need of a program is always
# on, unless it is left out by name.
SHIPPED = {
    name: struct(label = Label("//instrumentation/" + folder), modules = modules, always = always)
    for name, folder, modules, always in CATALOGUE
}

# By name, the folder of each.
FOLDERS = {name: folder for name, folder, _, _ in CATALOGUE}

def go_mod_requirements(text):
    """Reads the requirements of a go.mod.

    Args:
      text: string, of the file.

    Returns:
      list[string], the paths of the modules that it requires, directly or not.
    """
    required = []
    block = None
    for line in text.splitlines():
        code = line.partition("//")[0].replace("(", " ( ").replace("\t", " ")
        words = [w.strip("\"`") for w in code.split(" ") if w]
        if not words:
            continue
        if words[0] == ")":
            block = None
        elif block == None and len(words) > 1 and words[1] == "(":
            block = words[0]
        elif block == "require":
            required.append(words[0])
        elif block == None and words[0] == "require" and len(words) > 1:
            required.append(words[1])
    return required

def resolved_modules(text):
    """Reads which modules go_deps has resolved, for whatever go.mod or tag of whatever Bazel module.

    Args:
      text: string, of the WORKSPACE file in gazelle's `bazel_gazelle_go_repository_config`.

    Returns:
      dict[string, bool], the paths of the modules and whether each is a Bazel module.
    """
    modules = {}
    for repository in text.split("go_repository(")[1:]:
        values = {}
        for line in repository.splitlines():
            key, assigned, value = line.partition("=")
            if assigned:
                values[key.strip()] = value.strip(" ,").strip("\"")
        if "importpath" in values:
            modules[values["importpath"]] = "module_name" in values
    return modules

def required_modules(resolved, brought):
    """Returns the modules that instrumentations are chosen by.

    Args:
      resolved: dict[string, bool], as `resolved_modules` returns it.
      brought: list[string], paths of the modules that rules_go, gazelle and this module bring along.

    Returns:
      list[string], their paths; None where go_deps was asked for nothing else, so that the repository has its modules in another way.
    """
    if not [path for path, bazel in resolved.items() if not bazel and path not in brought]:
        return None
    return resolved.keys()

def choose(*, names, leave_out, required):
    """Chooses among the shipped instrumentations.

    Args:
      names: list[string], those to take; all if empty.
      leave_out: list[string], those not to take.
      required: list[string] or None, paths of the modules that there are; None if they do not count.

    Returns:
      list[string], names in their order.
    """
    names = meant(names, SHIPPED.keys(), where = "weave.instrumentations, names", folders = FOLDERS)
    leave_out = meant(leave_out, SHIPPED.keys(), where = "weave.instrumentations, except_", folders = FOLDERS)
    both = [name for name in names if name in leave_out]
    if both:
        fail(messages.contradictory_choice(both[0]))
    present = None if required == None else {path: None for path in required}

    def _taken(name, shipped):
        if name in leave_out:
            return False
        if names:
            return name in names or shipped.always
        return not shipped.modules or present == None or any([m in present for m in shipped.modules])

    return [name for name, shipped in SHIPPED.items() if _taken(name, shipped)]

_BUILD = """\
load("{defs}", "go_instrumentation_set")

# What MODULE.bazel chooses by weave.instrumentations, or else what is for the modules that go_deps has resolved.
go_instrumentation_set(
    name = "default",
    instrumentations = [
{labels}    ],
    visibility = ["//visibility:public"],
)
"""

def _set_repository_impl(rctx):
    required = None
    if rctx.attr.go_mod:
        required = go_mod_requirements(rctx.read(rctx.attr.go_mod))
    elif not rctx.attr.names:
        brought = []
        for go_mod in rctx.attr.brought:
            brought.extend(go_mod_requirements(rctx.read(go_mod)))
        required = required_modules(resolved_modules(rctx.read(rctx.attr.resolved)), brought)
    chosen = choose(names = rctx.attr.names, leave_out = rctx.attr.leave_out, required = required)
    labels = [str(SHIPPED[name].label) for name in chosen]
    rctx.file("BUILD.bazel", _BUILD.format(
        defs = Label("//rules:defs.bzl"),
        labels = "".join(["        {},\n".format(repr(label)) for label in rctx.attr.also + [label for label in labels if label not in rctx.attr.also]]),
    ))

_set_repository = repository_rule(
    implementation = _set_repository_impl,
    doc = "Holds the set of instrumentations that a build applies by default.",
    attrs = {
        "also": attr.string_list(doc = "Labels of instrumentations that come first."),
        "brought": attr.label_list(
            doc = "The go.mod files of rules_go, gazelle and this module, whose libraries every repository has.",
            default = ["//:go.mod", "@gazelle//:go.mod", "@rules_go//:go.mod"],
        ),
        "go_mod": attr.label(doc = "A go.mod that chooses in place of the resolved modules."),
        "leave_out": attr.string_list(),
        "names": attr.string_list(),
        "resolved": attr.label(
            doc = "Gazelle's list of the modules that go_deps resolved.",
            default = "@bazel_gazelle_go_repository_config//:WORKSPACE",
        ),
    },
)

def _weave_impl(module_ctx):
    tags = []
    for module in module_ctx.modules:
        for tag in module.tags.instrumentations:
            if not module.is_root:
                fail(messages.not_root(module.name))
            tags.append(tag)
    if len(tags) > 1:
        fail(messages.several_tags(len(tags)))
    chosen = {}
    for tag in tags:
        if tag.names and tag.from_go_mod:
            fail(messages.names_and_go_mod())

        # Mistakes are said in every build, and not only in one that looks into the repository.
        choose(names = tag.names, leave_out = tag.except_, required = None)
        chosen = dict(
            also = [str(label) for label in tag.also],
            go_mod = tag.from_go_mod,
            leave_out = tag.except_,
            names = tag.names,
        )
    _set_repository(name = "weave_instrumentations", **chosen)
    return module_ctx.extension_metadata(reproducible = True)

weave = module_extension(
    implementation = _weave_impl,
    doc = "Chooses the instrumentations that a woven build applies. By default these are the shipped ones for the standard library and for the modules that go_deps resolved.",
    tag_classes = {
        "instrumentations": tag_class(
            doc = "The instrumentations of a woven build, unless `--@rules_go_weave//:instrumentations` is given.",
            attrs = {
                "also": attr.label_list(
                    doc = "Instrumentations of your own (go_instrumentation, go_instrumentation_set, go_directives), whose advice begins before that of the shipped ones and ends after it.",
                ),
                "except_": attr.string_list(
                    doc = "Names of shipped instrumentations to leave out.",
                ),
                "from_go_mod": attr.label(
                    doc = "A go.mod that chooses among the shipped instrumentations for third-party modules, in place of the modules that go_deps resolved: those whose module it requires.",
                    allow_single_file = True,
                ),
                "names": attr.string_list(
                    doc = "Names of the shipped instrumentations to apply, whatever was resolved. Instrumentations that they need are added.",
                ),
            },
        ),
    },
)
