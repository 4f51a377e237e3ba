"""Unit tests of patterns of import paths: the table is that of the tests of `PathPattern` in tool/rules, which must mean the same."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//rules/private:patterns.bzl", "any_matches", "compile_pattern", "may_be_std", "pattern_matches")

visibility(["//rules/tests/..."])

_TABLE = [
    ("net/http", "net/http", True),
    ("net/http", "net/http/httptest", False),
    ("net/...", "net", True),
    ("net/...", "net/http/httptest", True),
    ("net/...", "network", False),
    ("...", "a/b", True),
    ("example.com/.../internal", "example.com/a/b/internal", True),
    ("example.com/.../internal", "example.com/a/b/internals", False),
    ("example.com/*/v2", "example.com/a/v2", True),
    ("example.com/*/v2", "example.com/a/b/v2", False),
    ("example.com/*/v2/...", "example.com/a/v2", True),
    ("example.com/*/v2/...", "example.com/a/v2/b/c", True),
    ("example.com/*/v2/...", "example.com/a/v20", False),
    ("example.com/a*", "example.com/a", True),
    ("example.com/a*", "example.com/abc", True),
    ("example.com/a*", "example.com/abc/d", False),
    ("*/b", "a/b", True),
    (".../b", "a/c/b", True),
]

def _patterns_impl(ctx):
    env = unittest.begin(ctx)
    for text, path, want in _TABLE:
        asserts.equals(env, want, pattern_matches(compile_pattern(text), path), "{} {}".format(text, path))
    asserts.true(env, any_matches([compile_pattern("a"), compile_pattern("b/...")], "b/c"))
    asserts.false(env, any_matches([], "b/c"))
    for text, want in [("net/http", True), ("net/...", True), ("example.com/...", False), ("...", False), ("*/http", False)]:
        asserts.equals(env, want, may_be_std(text), text)
    return unittest.end(env)

patterns_test = unittest.make(_patterns_impl)
