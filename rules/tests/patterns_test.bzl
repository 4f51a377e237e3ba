"""Unit tests of patterns of import paths."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//rules/private:patterns.bzl", "any_matches", "compile_pattern", "may_be_std", "pattern_error", "pattern_matches")
load(":pattern_table.bzl", "BAD_PATTERNS", "PATTERNS")

visibility(["//rules/tests/..."])

def _patterns_impl(ctx):
    env = unittest.begin(ctx)
    for text, path, want in PATTERNS:
        asserts.equals(env, None, pattern_error(text))
        asserts.equals(env, want, pattern_matches(compile_pattern(text), path), "{} {}".format(text, path))
    for text in BAD_PATTERNS:
        asserts.true(env, pattern_error(text), repr(text))
    asserts.true(env, any_matches([compile_pattern("a"), compile_pattern("b/...")], "b/c"))
    asserts.false(env, any_matches([], "b/c"))
    for text, want in [
        ("net/http", True),
        ("net/...", True),
        ("net/htt?", True),
        ("example.com/...", False),
        ("...", False),
        ("*/http", False),
        ("n?t/http", False),
        ("[mn]et/http", False),
    ]:
        asserts.equals(env, want, may_be_std(text), text)
    return unittest.end(env)

patterns_test = unittest.make(_patterns_impl)
