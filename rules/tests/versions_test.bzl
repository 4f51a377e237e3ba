"""Unit tests of what is said about versions (below, within, above, unknown), and of what is told by a name that a version gives."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//rules/private:configuration.bzl", "is_tool_directory")
load("//rules/private:versions.bzl", "bazel_message", "go_message", "module_version", "parse", "rules_go_message", "rust_error")

visibility(["//rules/tests/..."])

_PAGE = " (see docs/compatibility.md of rules_go_weave)"

_BAZEL_ABOVE = "if a woven build fails where the plain one does not, name the older one in .bazelversion, or a newer rules_go_weave in MODULE.bazel" + _PAGE
_GO_ABOVE = "rules that no longer fit the standard library fail the build; then give go_sdk the older release in MODULE.bazel, or take a newer rules_go_weave" + _PAGE
_RULES_GO_ABOVE = "if a woven build fails where the plain one does not, take the older rules_go by a single_version_override, or a newer rules_go_weave" + _PAGE

# A function, a version, and its error or warning.
_TABLE = [
    (bazel_message, "7.6.1", "rules_go_weave requires Bazel 7.7 or newer, and this build has 7.6.1: name a newer one in .bazelversion" + _PAGE, ""),
    (bazel_message, "7.7.1", "", ""),
    (bazel_message, "7.7.1- (@non-git)", "", ""),
    (bazel_message, "8.0.0", "", "rules_go_weave supports Bazel 7.7, and this build has 8.0.0, which is newer: " + _BAZEL_ABOVE),
    (bazel_message, "", "", "rules_go_weave supports Bazel 7.7, and this build has Bazel of an unknown version: " + _BAZEL_ABOVE),
    (rules_go_message, "0.49.0", "rules_go_weave requires rules_go 0.50 or newer, and this build has 0.49.0: raise the bazel_dep of rules_go in MODULE.bazel" + _PAGE, ""),
    (rules_go_message, "0.50.1", "", ""),
    (rules_go_message, "0.65.9", "", ""),
    (rules_go_message, "0.100.0", "", "rules_go_weave supports rules_go 0.50 to 0.65, and this build has 0.100.0, which is newer: " + _RULES_GO_ABOVE),
    (rules_go_message, "", "", "rules_go_weave supports rules_go 0.50 to 0.65, and this build has rules_go of an unknown version: " + _RULES_GO_ABOVE),
    (go_message, "1.23.12", "rules_go_weave requires Go 1.24 or newer, and this build has 1.23.12: give go_sdk a newer release in MODULE.bazel; the plain build does not need it" + _PAGE, ""),
    (go_message, "1.24rc1", "", ""),
    (go_message, "1.27.3", "", ""),
    (go_message, "1.28rc2", "", "rules_go_weave supports Go 1.24 to 1.27, and this build has 1.28rc2, which is newer: " + _GO_ABOVE),
    (go_message, "devel +abc", "", "rules_go_weave supports Go 1.24 to 1.27, and this build has Go version \"devel +abc\": " + _GO_ABOVE),
]

def _versions_impl(ctx):
    env = unittest.begin(ctx)
    for message, version, error, warning in _TABLE:
        said = message(version)
        asserts.equals(env, (error, warning), (said.error, said.warning), version)
    for version, want in [("go1.26.8", (1, 26)), ("v0.50.1", (0, 50)), ("1.27rc1", (1, 27)), ("7", None), ("x.y", None), ("", None)]:
        asserts.equals(env, want, parse(version), version)
    for text, want in [
        ('"""Of (it)."""\n\nmodule(\n    name = "m",\n    version = "0.60.0",\n)\nbazel_dep(name = "n", version = "1")\n', "0.60.0"),
        ('module(\n    name = "m",\n)\nbazel_dep(\n    name = "n",\n    version = "1",\n)\n', ""),
        ('module(\n    name = "m",\n    # By the release.\n    version = "0.0.0",\n)\n', ""),
        ('module(version = "1.2.3", name = "m")\n', "1.2.3"),
    ]:
        asserts.equals(env, want, module_version(text), text)
    for version, want in [("1.87.0", "is 1.87.0:"), ("0.99.1-nightly", "is 0.99.1-nightly:"), ("", "of an unknown version:")]:
        said = rust_error("rustc x\nbinary: rustc\nrelease: {}\nLLVM version: 21.1.8\n".format(version))
        asserts.true(env, "requires Rust 1.88 or newer, and it is" in said and want in said and "docs/remote.md" in said, said)
    asserts.true(env, "unknown version" in rust_error("no rustc at all"))
    for version in ["1.88.0", "1.95.0", "2.0.0-nightly"]:
        asserts.equals(env, "", rust_error("rustc {0}\nhost: x\nrelease: {0}\n".format(version)))
    return unittest.end(env)

versions_test = unittest.make(_versions_impl)

def _tool_directories_impl(ctx):
    env = unittest.begin(ctx)
    for path, want in [
        ("bazel-out/k8-opt-exec/bin", True),
        ("bazel-out/k8-opt-exec-ST-bde6b368f71a/bin", True),
        ("bazel-out/darwin_arm64-dbg-exec-2B5CBBC6/bin", True),
        ("bazel-out/platform-1A2B-fastbuild-exec/bin", True),
        ("bazel-out/k8-opt/bin", False),
        ("bazel-out/k8-fastbuild-ST-bde6b368f71a/bin", False),
        # Named by a platform, and by --platform_suffix.
        ("bazel-out/remote-exec-fastbuild/bin", False),
        ("bazel-out/k8-opt-executor/bin", False),
        ("bazel-bin", False),
    ]:
        asserts.equals(env, want, is_tool_directory(path), path)
    return unittest.end(env)

tool_directories_test = unittest.make(_tool_directories_impl)
