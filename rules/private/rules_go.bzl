"""The repository that has what we use of rules_go, by the version of rules_go that a build has.

A `load` of a symbol that is not there fails before anything can be said about it, so this repository looks first, and writes one file
that loads what there is.
"""

load(":messages.bzl", "messages")
load(":versions.bzl", "BAZEL_HIGHEST", "bazel_message", "module_version", "rules_go_message")

visibility(["//rules/..."])

# The files of rules_go that symbols are loaded from.
_DEF = Label("@rules_go//go:def.bzl")
_CONTEXT = Label("@rules_go//go/private:context.bzl")
_MODE = Label("@rules_go//go/private:mode.bzl")
_PROVIDERS = Label("@rules_go//go/private:providers.bzl")
_BUILDER = Label("@rules_go//go/tools/builders:compilepkg.go")

# What every version has, and what only some have; those are None where they are not.
_ALWAYS = [
    (_MODE, "installsuffix"),
    (_PROVIDERS, "EXPLICIT_PATH"),
    (_PROVIDERS, "GoStdLib"),
]
_SOMETIMES = [
    # Since 0.51 one provider in place of two.
    (_DEF, "GoInfo", _PROVIDERS, "GoInfo = provider("),
    (_DEF, "new_go_info", _CONTEXT, "def new_go_info("),
    (_PROVIDERS, "GoLibrary", _PROVIDERS, "GoLibrary = provider("),
    (_PROVIDERS, "GoSource", _PROVIDERS, "GoSource = provider("),
    # Since 0.58 or 0.59 rules find the C++ toolchain themselves.
    (_CONTEXT, "CGO_ATTRS", _CONTEXT, "\nCGO_ATTRS = "),
    (_CONTEXT, "CGO_FRAGMENTS", _CONTEXT, "\nCGO_FRAGMENTS = "),
    (_CONTEXT, "CGO_TOOLCHAINS", _CONTEXT, "\nCGO_TOOLCHAINS = "),
]

def _rules_go_api_impl(rctx):
    version = module_version(rctx.read(Label("@rules_go//:MODULE.bazel")))
    bazel = bazel_message(native.bazel_version)
    if not native.bazel_version and hasattr(rctx, "watch_tree") and hasattr(rctx, "getenv"):
        # As Debian builds it, it does not state its version; what the repositories of this module need of a Bazel, it has.
        bazel = bazel_message(BAZEL_HIGHEST)
    for message in (bazel, rules_go_message(version)):
        if message.error:
            fail(message.error)
        if message.warning:
            # buildifier: disable=print
            print(messages.warning(message.warning))

    texts = {label: rctx.read(label) for label in (_CONTEXT, _MODE, _PROVIDERS)}
    lines = ['"""The parts of rules_go {} that rules_go_weave uses."""'.format(version or "of an unknown version"), ""]
    names = []
    for file, name in _ALWAYS:
        lines.append('load("{}", _{} = "{}")'.format(file, name, name))
        names.append(name)
    absent = []
    for file, name, where, text in _SOMETIMES:
        if text in texts[where]:
            lines.append('load("{}", _{} = "{}")'.format(file, name, name))
            names.append(name)
        else:
            absent.append(name)
    lines.append("")
    lines.extend(["{} = _{}".format(name, name) for name in names])
    lines.extend(["{} = None".format(name) for name in absent])

    # Since 0.58 or 0.59 the builder takes a list of rewrites from -trimpath; before, it takes one path.
    lines.append("TRIMPATH_HAS_REWRITES = {}".format("flag[len(\"-trimpath=\"):], \";\")" in rctx.read(_BUILDER)))
    rctx.file("BUILD.bazel", "")
    rctx.file("api.bzl", "\n".join(lines) + "\n")

rules_go_api_repository = repository_rule(
    implementation = _rules_go_api_impl,
    doc = "Has `api.bzl`: the symbols of rules_go that rules_go_weave uses, None where this version of rules_go has none.",
)
