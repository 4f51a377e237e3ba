"""The instrumentations that this module ships, and how a repository chooses among them in its MODULE.bazel."""

load(":names.bzl", "check_names")

visibility("public")

def _shipped(label, modules = [], always = False):
    return struct(label = Label(label), modules = modules, always = always)

# By name. One for packages of third-party modules is of use only where one of these is among the requirements of a go.mod. What
# spans need of a program is always on, unless it is left out by name.
SHIPPED = {
    "database/sql": _shipped("//instrumentation/database_sql"),
    "grpc": _shipped("//instrumentation/grpc", modules = ["google.golang.org/grpc"]),
    "log": _shipped("//instrumentation/log"),
    "log/slog": _shipped("//instrumentation/log_slog"),
    "net/http": _shipped("//instrumentation/net_http"),
    "opentelemetry": _shipped("//instrumentation/otel_trace", modules = ["go.opentelemetry.io/otel"]),
    "runtime": _shipped("//instrumentation/go_runtime", always = True),
}

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

def choose(*, names, leave_out, required):
    """Chooses among the shipped instrumentations.

    Args:
      names: list[string], those to take; all if empty.
      leave_out: list[string], those not to take.
      required: list[string] or None, paths of required modules; None if they do not count.

    Returns:
      list[string], names in their order.
    """
    check_names(names, SHIPPED.keys(), where = "weave.instrumentations, names")
    check_names(leave_out, SHIPPED.keys(), where = "weave.instrumentations, except_")
    both = [name for name in names if name in leave_out]
    if both:
        fail("weave.instrumentations: {} is both in names and in except_; take it out of one of them".format(repr(both[0])))

    def _taken(name, shipped):
        if name in leave_out:
            return False
        if names:
            return name in names or shipped.always
        return not shipped.modules or required == None or any([m in required for m in shipped.modules])

    return [name for name, shipped in SHIPPED.items() if _taken(name, shipped)]

_BUILD = """\
load("{defs}", "go_instrumentation_set")

# What MODULE.bazel chooses by weave.instrumentations.
go_instrumentation_set(
    name = "default",
    instrumentations = [
{labels}    ],
    visibility = ["//visibility:public"],
)
"""

def _set_repository_impl(rctx):
    rctx.file("BUILD.bazel", _BUILD.format(
        defs = Label("//rules:defs.bzl"),
        labels = "".join(["        {},\n".format(repr(label)) for label in rctx.attr.instrumentations]),
    ))

_set_repository = repository_rule(
    implementation = _set_repository_impl,
    doc = "Has the set of instrumentations that a build applies where no flag says otherwise.",
    attrs = {"instrumentations": attr.string_list(mandatory = True)},
)

def _weave_impl(module_ctx):
    tags = []
    for module in module_ctx.modules:
        for tag in module.tags.instrumentations:
            if not module.is_root:
                fail("weave.instrumentations: only the root module chooses instrumentations, and {} is not; use the extension with dev_dependency = True there".format(module.name))
            tags.append(tag)
    if len(tags) > 1:
        fail("weave.instrumentations is there {} times; write one".format(len(tags)))
    chosen = SHIPPED.keys()
    also = []
    for tag in tags:
        if tag.names and tag.from_go_mod:
            fail("weave.instrumentations: names lists what to take, and from_go_mod finds it out; write one of them")
        required = go_mod_requirements(module_ctx.read(tag.from_go_mod)) if tag.from_go_mod else None
        chosen = choose(names = tag.names, leave_out = tag.except_, required = required)
        also = [str(label) for label in tag.also]
    _set_repository(
        name = "weave_instrumentations",
        instrumentations = also + [str(SHIPPED[name].label) for name in chosen],
    )

    # What it depends on is MODULE.bazel and a file that Bazel watches.
    return module_ctx.extension_metadata(reproducible = True)

weave = module_extension(
    implementation = _weave_impl,
    doc = "Chooses the instrumentations that a woven build applies. Without a tag it applies all that are shipped.",
    tag_classes = {
        "instrumentations": tag_class(
            doc = "What a woven build applies, where `--@rules_go_weave//:instrumentations` does not say otherwise.",
            attrs = {
                "also": attr.label_list(
                    doc = "Instrumentations of one's own (go_instrumentation, go_instrumentation_set, go_directives), which begin before the shipped ones and end after them.",
                ),
                "except_": attr.string_list(
                    doc = "Names of shipped instrumentations to leave out.",
                ),
                "from_go_mod": attr.label(
                    doc = "A go.mod: of the shipped instrumentations for third-party modules, only those whose module it requires.",
                    allow_single_file = True,
                ),
                "names": attr.string_list(
                    doc = "Names of the shipped instrumentations to take, instead of all. What they need to work is taken, too.",
                ),
            },
        ),
    },
)
