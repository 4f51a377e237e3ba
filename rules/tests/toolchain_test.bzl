"""Analysis tests of the decorated toolchain: which actions a target has, with which arguments and inputs."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_go//go:def.bzl", "GoArchive")

visibility(["//rules/tests/..."])

_SET = str(Label("//rules/tests:set"))
_ON = {
    str(Label("//:instrumentations")): _SET,
    str(Label("//:weave")): "on",
}
_PATTERNS = _ON | {str(Label("//:instrumentations")): str(Label("//rules/tests:pattern_set"))}
_CYCLE = _ON | {str(Label("//:instrumentations")): str(Label("//rules/tests:cycle_set"))}
_NEEDED = _ON | {str(Label("//:instrumentations")): str(Label("//rules/tests:needed_set"))}
_REWRITER = _ON | {str(Label("//:instrumentations")): str(Label("//rules/tests:rewriter_set"))}
_TYPED = _ON | {str(Label("//:instrumentations")): str(Label("//rules/tests:typed_set"))}
_HOOKS = _ON | {str(Label("//:weave")): "hooks"}
_SHARED = _ON | {str(Label("//:instrumentations")): str(Label("//rules/tests:shared_set"))}
_TESTS_ON = _ON | {str(Label("//:tests")): "on"}
_OFF = {str(Label("//:weave")): "off"}

def _actions(env, mnemonic):
    return [a for a in analysistest.target_actions(env) if a.mnemonic == mnemonic]

def _mnemonics(env):
    return sorted([a.mnemonic for a in analysistest.target_actions(env)])

def _basenames(files, extension):
    return sorted([f.basename for f in files.to_list() if f.extension == extension])

def _after(flag, argv):
    """Returns the values of a flag that may be repeated."""
    return [argv[i + 1] for i, a in enumerate(argv) if a == flag]

def _has_woven_input(action):
    return any(["_weave/" in f.path for f in action.inputs.to_list()])

def _matched_impl(ctx):
    env = analysistest.begin(ctx)
    weave = _actions(env, "GoWeave")
    asserts.equals(env, 1, len(weave))
    argv = weave[0].argv
    asserts.equals(env, "weave", argv[1])
    asserts.equals(env, "example.com/weave/matched", argv[argv.index("--importpath") + 1])
    asserts.equals(env, 1, len([a for a in argv if a == "--rules"]))
    asserts.equals(
        env,
        ["a.go", "b.go"],
        _basenames(weave[0].inputs, "go"),
        "the weave action reads the sources of the package and nothing else of Go",
    )
    asserts.equals(
        env,
        ["example.com_weave_matched.json", "instrumentation.rules.places.json"],
        _basenames(weave[0].inputs, "json"),
        "the weave action reads the rules for this package and no other rules, and for messages where they stand",
    )
    asserts.equals(env, ["a.go", "b.go", "zz_weave.go"], _basenames(weave[0].outputs, "go"))
    asserts.equals(env, {}, weave[0].env)

    compiles = _actions(env, "GoCompilePkg")
    asserts.equals(env, 1, len(compiles))
    argv = compiles[0].argv
    asserts.true(env, argv[0].endswith("/compile"), "the builder is run by " + argv[0])
    split = argv.index("--plain")
    woven = _after("-src", argv[:split])
    asserts.equals(env, ["a.go", "b.go", "zz_weave.go"], [f.rpartition("/")[2] for f in woven])
    for f in woven:
        asserts.true(env, "_weave/" in f, "the compile reads " + f)

    # What is wrong is said of these, which are the arguments of the plain build.
    plain = _after("-src", argv[split:])
    asserts.equals(env, ["a.go", "b.go"], [f.rpartition("/")[2] for f in plain])
    inputs = {f.path: None for f in compiles[0].inputs.to_list()}
    for f in plain:
        asserts.false(env, "_weave/" in f)
        asserts.true(env, f in inputs)
    builder = argv[argv.index("--") + 1]
    asserts.true(env, builder in inputs and builder.endswith("/builder"), builder)
    asserts.equals(env, argv[argv.index("--") + 2], argv[split + 1])
    asserts.false(
        env,
        any([p.endswith(".places.json") or p.endswith("/goweave") for p in inputs]),
        "neither another goweave nor a comment in a rule file compiles again",
    )

    archive = analysistest.target_under_test(env)[GoArchive]
    asserts.equals(env, ["a.go", "b.go"], [f.basename for f in archive.source.srcs])
    asserts.equals(env, ["a.go", "b.go"], [f.basename for f in archive.data.srcs])
    for f in archive.data.srcs:
        asserts.true(env, f.is_source, "dependents must see the original of " + f.path)
    return analysistest.end(env)

matched_test = analysistest.make(_matched_impl, config_settings = _ON)

def _same_names_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["1_a.go", "a.go", "zz_weave.go"], _basenames(_actions(env, "GoWeave")[0].outputs, "go"))
    argv = _actions(env, "GoCompilePkg")[0].argv
    asserts.equals(env, ["rules/tests/matched/a.go", "rules/tests/unmatched/a.go"], sorted(_after("-original", argv)))
    options = " ".join(argv)
    for name, original in [("a.go", "matched/a.go"), ("1_a.go", "unmatched/a.go")]:
        shown = "same_names_weave/{}=>rules/tests/{}".format(name, original)
        asserts.true(env, shown in options, "no {} in {}".format(shown, options))
    return analysistest.end(env)

same_names_test = analysistest.make(_same_names_impl, config_settings = _ON)

def _unmatched_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["GoCompilePkg"], _mnemonics(env))
    asserts.false(env, _has_woven_input(_actions(env, "GoCompilePkg")[0]))
    asserts.equals(env, "compilepkg", _actions(env, "GoCompilePkg")[0].argv[1], "rules_go's builder runs as it does")
    return analysistest.end(env)

unmatched_test = analysistest.make(_unmatched_impl, config_settings = _ON)
off_test = analysistest.make(_unmatched_impl, config_settings = _OFF)

def _rules_impl(ctx):
    env = analysistest.begin(ctx)
    weave = _actions(env, "GoWeave")
    asserts.equals(
        env,
        ctx.attr.rules,
        [f for a in weave for f in _basenames(a.inputs, "json") if not f.endswith(".places.json")],
    )
    if weave:
        # What messages alone need does not run the action again.
        asserts.true(env, any([f.basename.endswith(".weave_unused") for f in weave[0].outputs.to_list()]))
    inputs = _actions(env, "GoCompilePkg")[0].inputs
    asserts.equals(env, ctx.attr.imports, [f for f in _basenames(inputs, "x") if f != "stdlib.x"])
    return analysistest.end(env)

rules_test = analysistest.make(
    _rules_impl,
    attrs = {
        "imports": attr.string_list(doc = "The export data that the compile reads."),
        "rules": attr.string_list(doc = "The rule files that the weave action reads."),
    },
    config_settings = _PATTERNS,
)

def _stamped_impl(ctx):
    env = analysistest.begin(ctx)
    link = _actions(env, "GoLink")[0]
    ours = "github.com/rules-go-weave/rules_go_weave/runtime/sdk."
    defined = [a.removeprefix(ours) for i, a in enumerate(link.argv) if i > 0 and link.argv[i - 1] == "-X"]
    asserts.equals(env, ctx.attr.stamped, "stampedCommit={STABLE_GIT_COMMIT}" in defined)
    asserts.equals(env, ctx.attr.volatile, "stampedRevision={BUILD_SCM_REVISION}" in defined)

    # A link that reads the volatile status is in no cache.
    asserts.equals(env, ctx.attr.volatile, "volatile-status.txt" in [f.basename for f in link.inputs.to_list()])
    return analysistest.end(env)

_STAMPED_ATTRS = {"stamped": attr.bool(), "volatile": attr.bool()}

stamped_test = analysistest.make(
    _stamped_impl,
    attrs = _STAMPED_ATTRS,
    config_settings = _ON | {"//command_line_option:stamp": True},
)
unstamped_test = analysistest.make(
    _stamped_impl,
    attrs = _STAMPED_ATTRS,
    config_settings = _ON | {"//command_line_option:stamp": False},
)

def _typed_impl(ctx):
    env = analysistest.begin(ctx)
    types = _actions(env, "GoWeaveTypes")
    asserts.equals(env, 1 if ctx.attr.asks else 0, len(types))
    asserts.equals(env, ctx.attr.asks, "--types" in _actions(env, "GoWeave")[0].argv)
    if types:
        asserts.equals(env, ["a.go"], _basenames(types[0].inputs, "go"))
        asserts.equals(env, ["example.com_weave_caller.json"], _basenames(types[0].inputs, "json"), "rules that ask for nothing are no input")
        asserts.equals(env, ["callee.x"], [f for f in _basenames(types[0].inputs, "x") if f != "stdlib.x"])
        asserts.equals(env, {}, types[0].env)
    return analysistest.end(env)

typed_test = analysistest.make(
    _typed_impl,
    attrs = {"asks": attr.bool(doc = "Whether rules for the package ask for types.")},
    config_settings = _TYPED,
)

def _rewriter_impl(ctx):
    env = analysistest.begin(ctx)
    weave = _actions(env, "GoWeave")[0]
    asked = [weave.argv[i + 1] for i, a in enumerate(weave.argv) if a == "--rewriter"]
    inputs = [f.path for f in weave.inputs.to_list()]
    asserts.equals(env, 1 if ctx.attr.asked else 0, len(asked))
    if asked:
        name, _, program = asked[0].partition("=")
        asserts.equals(env, "rewritten", name)
        asserts.true(env, program in inputs, "a changed rewriter weaves again")
        asserts.true(env, "-exec" in program.split("/")[1], "it is built to run here")
    else:
        asserts.false(env, any([p.endswith("/main") for p in inputs]))
    return analysistest.end(env)

rewriter_test = analysistest.make(
    _rewriter_impl,
    attrs = {"asked": attr.bool(doc = "Whether an external rewriter takes part.")},
    config_settings = _REWRITER,
)

def _added_dependency_impl(ctx):
    env = analysistest.begin(ctx)
    inputs = [f.path for f in _actions(env, "GoLink")[0].inputs.to_list()]
    asserts.equals(env, 1, len([p for p in inputs if p.endswith("tests/added.a")]), "the link gets what woven code imports, once")
    return analysistest.end(env)

added_dependency_test = analysistest.make(_added_dependency_impl, config_settings = _PATTERNS)

def _main_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["GoCompilePkg", "GoLink", "GoWeaveMain"], [m for m in _mnemonics(env) if m.startswith("Go")])
    connect = _actions(env, "GoWeaveMain")[0]
    asserts.true(env, "matched.x" in _basenames(connect.inputs, "x"))
    argv = connect.argv
    asserts.equals(
        env,
        ["instrumentation=example.com/weave/carried"],
        [argv[i + 1] for i, a in enumerate(argv) if a == "--carried"],
        "what hooks bring into the program and rules match",
    )
    inputs = [f.path for f in _actions(env, "GoLink")[0].inputs.to_list()]
    asserts.true(env, any([p.endswith("/std/database/sql.a") for p in inputs]), "the link gets the woven database/sql")
    asserts.true(env, any([p.endswith("tests/hooks.a") for p in inputs]), "the link gets the hooks")
    archive = analysistest.target_under_test(env)[GoArchive]
    asserts.equals(env, ["main.go"], [f.basename for f in archive.data.srcs])
    asserts.equals(
        env,
        ["example.com/weave/matched", "example.com/weave/unmatched"],
        sorted([d.data.importpath for d in archive.direct]),
        "hooks are no dependencies that others see",
    )
    return analysistest.end(env)

main_test = analysistest.make(_main_impl, config_settings = _ON)

def _needed_hooks_impl(ctx):
    env = analysistest.begin(ctx)

    def _hooks(mnemonic, extension):
        return [f.removesuffix("." + extension) for f in _basenames(_actions(env, mnemonic)[0].inputs, extension) if f.endswith("hooks." + extension)]

    asserts.equals(env, ctx.attr.hooks, _hooks("GoCompilePkg", "x"))
    asserts.equals(env, ctx.attr.hooks, _hooks("GoLink", "a"))
    return analysistest.end(env)

needed_hooks_test = analysistest.make(
    _needed_hooks_impl,
    attrs = {"hooks": attr.string_list(doc = "The hook libraries that the main package's compile and the link read.")},
    config_settings = _NEEDED,
)

def _hook_files_impl(ctx):
    env = analysistest.begin(ctx)
    paths = json.decode(_actions(env, "FileWrite")[0].content).keys()
    ours = sorted([p.rpartition("/")[2] for p in paths if "/rules/tests/" in p])
    asserts.equals(env, ["sharing_hooks.a", "sharing_hooks.x"], ours, "what woven packages import is never unused")
    return analysistest.end(env)

hook_files_test = analysistest.make(_hook_files_impl, config_settings = _SHARED)

def _main_without_hooks_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["GoCompilePkg", "GoLink"], [m for m in _mnemonics(env) if m.startswith("Go")])
    inputs = [f.path for f in _actions(env, "GoLink")[0].inputs.to_list()]
    asserts.false(env, any([p.endswith("/std/database/sql.a") for p in inputs]))
    asserts.false(env, any([p.endswith("tests/hooks.a") for p in inputs]))
    return analysistest.end(env)

main_off_test = analysistest.make(_main_without_hooks_impl, config_settings = _OFF)
main_hooks_test = analysistest.make(_main_without_hooks_impl, config_settings = _HOOKS)

def _test_binary_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ctx.attr.connected, "GoWeaveMain" in _mnemonics(env))

    # The internal test archive is compiled from the library's sources and is woven like it.
    asserts.equals(env, 1, len(_actions(env, "GoWeave")))
    return analysistest.end(env)

_TEST_BINARY_ATTRS = {"connected": attr.bool()}

test_binary_test = analysistest.make(_test_binary_impl, config_settings = _ON, attrs = _TEST_BINARY_ATTRS)
hooked_test_binary_test = analysistest.make(_test_binary_impl, config_settings = _TESTS_ON, attrs = _TEST_BINARY_ATTRS)

def _failure_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

failure_test = analysistest.make(
    _failure_impl,
    attrs = {"message": attr.string()},
    config_settings = _ON,
    expect_failure = True,
)

cycle_test = analysistest.make(
    _failure_impl,
    attrs = {"message": attr.string()},
    config_settings = _CYCLE,
    expect_failure = True,
)
