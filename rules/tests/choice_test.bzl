"""Tests of the choice among instrumentations: in MODULE.bazel, and by flags."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts", "unittest")
load("//rules/private:instrumentation.bzl", "give_way")
load("//rules/private:names.bzl", "meant", "nearest")
load("//rules/private:providers.bzl", "GoInstrumentationSetInfo")
load("//rules/private:shipped.bzl", "SHIPPED", "choose", "go_mod_requirements", "required_modules", "resolved_modules")

visibility(["//rules/tests/..."])

_GO_MOD = """module example.com/m // require no.such/module v1.0.0

go 1.26.0

require example.com/one v1.0.0
require(
	"example.com/two" v1.0.0 // indirect
	// example.com/none v1.0.0
)

replace (
	example.com/three => ../three
)

exclude example.com/four v1.0.0
"""

_RESOLVED = """go_repository(
    name = "@gazelle~",
    importpath = "github.com/bazelbuild/bazel-gazelle",
    module_name = "gazelle",
)
go_repository(
    name = "org_golang_google_grpc",
    importpath = "google.golang.org/grpc",
)
go_repository(
    name = "com_example_one",
    importpath = "example.com/one",
    build_naming_convention = "import_alias",
)
"""

def _resolved_impl(ctx):
    env = unittest.begin(ctx)
    resolved = resolved_modules(_RESOLVED)
    asserts.equals(env, {
        "example.com/one": False,
        "github.com/bazelbuild/bazel-gazelle": True,
        "google.golang.org/grpc": False,
    }, resolved)
    asserts.equals(env, resolved.keys(), required_modules(resolved, ["google.golang.org/grpc"]))
    asserts.equals(env, None, required_modules(resolved, ["example.com/one", "google.golang.org/grpc"]), "nothing but what is brought along")
    asserts.equals(env, {}, resolved_modules(""))
    return unittest.end(env)

resolved_test = unittest.make(_resolved_impl)

def _choice_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, ["example.com/one", "example.com/two"], go_mod_requirements(_GO_MOD))

    all = SHIPPED.keys()
    std = [name for name in all if not SHIPPED[name].modules]
    asserts.true(env, len(std) < len(all), "one is for a third-party module")
    for want, names, leave_out, required in [
        (all, [], [], None),
        (std, [], [], ["example.com/one"]),
        ([n for n in all if n in std or n == "opentelemetry"], [], [], ["go.opentelemetry.io/otel"]),
        ([n for n in all if n in std or n == "grpc"], [], [], ["google.golang.org/grpc", "example.com/one"]),
        ([n for n in all if n in std or n == "pgx"], [], [], ["github.com/jackc/pgx/v5"]),
        ([n for n in std if n != "log/slog"], [], ["log/slog"], []),
        (["net/http", "runtime"], ["net/http"], [], None),
        (["net/http"], ["net/http"], ["runtime"], None),
        # As variables of the environment and folders are called.
        (["database/sql", "grpc", "net/http", "runtime"], ["GRPC", "NET_HTTP", "database_sql"], [], None),
        ([n for n in all if n not in ["log/slog", "opentelemetry", "runtime"]], [], ["LOG_SLOG", "otel_trace", "go_runtime"], None),
    ]:
        asserts.equals(env, want, choose(names = names, leave_out = leave_out, required = required))

    for name, want in [("net/htp", ["net/http"]), ("http", ["net/http"]), ("Runtime", ["runtime"]), ("sql", ["database/sql"]), ("kafka", [])]:
        asserts.equals(env, want, nearest(name, all), name)
    asserts.equals(env, ["my_own", "net/http"], meant(["my_own", "NET-HTTP"], ["my_own", "my/own", "net/http"], where = ""), "the name itself goes first")
    return unittest.end(env)

choice_test = unittest.make(_choice_impl)

def _give_way_impl(ctx):
    env = unittest.begin(ctx)

    def _info(name, *targets, foreign = False):
        return struct(name = name, targets = {t: None for t in targets}, foreign = foreign, support = False)

    shipped = [_info("net/http", "net/http", "golang.org/x/net/http2"), _info("database/sql", "database/sql"), _info("runtime", "runtime", "os")]
    theirs = _info("theirs", "net/http", "runtime", foreign = True)
    for want, more, only in [
        (["theirs", "database/sql", "runtime"], [theirs], []),
        (["theirs", "net/http", "database/sql", "runtime"], [theirs], ["theirs", "net/http"]),
        # What one writes in the language of this module is meant beside what is shipped; nobody else is for another package.
        (["own", "net/http", "database/sql", "runtime"], [_info("own", "net/http")], []),
        (["theirs", "net/http", "database/sql", "runtime"], [_info("theirs", "net/url", foreign = True)], []),
    ]:
        got = give_way(more + shipped, only)
        asserts.equals(env, want, [i.name for i in got.infos])
        asserts.equals(env, len(more + shipped) - len(want), len(got.notes))
        for note in got.notes:
            asserts.true(env, note.startswith("the shipped instrumentation net/http is off: your own rules theirs are also for net/http; --@rules_go_weave//:except=theirs uses"), note)
    return unittest.end(env)

give_way_test = unittest.make(_give_way_impl)

def _names_impl(ctx):
    env = analysistest.begin(ctx)
    set = analysistest.target_under_test(env)[GoInstrumentationSetInfo].instrumentations
    asserts.equals(env, ctx.attr.names, [info.name for info in set])
    for info in set:
        asserts.true(env, info.support or not SHIPPED[info.name].always, info.name)
    return analysistest.end(env)

_NAMES_ATTRS = {"names": attr.string_list()}

names_test = analysistest.make(_names_impl, attrs = _NAMES_ATTRS)
only_test = analysistest.make(_names_impl, attrs = _NAMES_ATTRS, config_settings = {
    str(Label("//:only")): ["NET_HTTP", "log/slog"],
    str(Label("//:except")): ["log_slog"],
})

def _failure_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, "unknown instrumentation \"net/htpp\". Did you mean \"net/http\"?")
    return analysistest.end(env)

wrong_name_test = analysistest.make(
    _failure_impl,
    config_settings = {str(Label("//:only")): ["net/htpp"]},
    expect_failure = True,
)
