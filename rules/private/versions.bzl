"""Supported versions of Bazel, rules_go and Go, and the messages about others.

`./dev test --matrix` tries the versions; docs/compatibility.md has what came out.
"""

load(":messages.bzl", "messages")

visibility(["//rules/..."])

# The lowest ones that were tried.
BAZEL_LOWEST = "7.7"
RULES_GO_LOWEST = "0.50"
GO_LOWEST = "1.24"

# The rust-version of Cargo.toml, which cargo itself would tell of after it has downloaded the crates.
RUST_LOWEST = "1.88"

# The highest ones that were tried.
BAZEL_HIGHEST = "7.7"
RULES_GO_HIGHEST = "0.65"
GO_HIGHEST = "1.27"

def parse(version):
    """Returns the first two numbers of a version, as (1, 26), or None where it does not begin with two numbers."""
    parts = version.removeprefix("v").removeprefix("go").split(".")
    if len(parts) < 2:
        return None
    numbers = []
    for part in parts[:2]:
        digits = ""
        for c in part.elems():
            if not c.isdigit():
                break
            digits += c
        if not digits:
            return None
        numbers.append(int(digits))
    return tuple(numbers)

def module_version(text):
    """Returns the version that a MODULE.bazel states for its module.

    Args:
      text: string, of a MODULE.bazel.

    Returns:
      string, or "" where it states none, as in a checkout between releases ("0.0.0" is none).
    """
    start = 0 if text.startswith("module(") else text.find("\nmodule(")
    for line in text[max(start, 0):].partition(")")[0].partition("(")[2].replace(",", "\n").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            version = value.strip().strip("\"'")
            return "" if version == "0.0.0" else version
    return ""

def _message(what, version, lowest, highest, below, above):
    """Returns struct(error, warning), of which at most one is not "".

    Args:
      what: string, what has a version.
      version: string, the version that a build has; "" if it does not say.
      lowest: string, the lowest one that works.
      highest: string, the highest one that was tried.
      below: string, what to do where it is too low.
      above: string, what to do where it is higher, or unknown.
    """
    found = parse(version)
    span = "{} {}".format(what, lowest) if lowest == highest else "{} {} to {}".format(what, lowest, highest)
    if not found:
        return struct(error = "", warning = messages.unknown_version(span, what, version, above))
    if found < parse(lowest):
        return struct(error = messages.old_version(what, lowest, version, below), warning = "")
    if found > parse(highest):
        return struct(error = "", warning = messages.new_version(span, version, above))
    return struct(error = "", warning = "")

def bazel_message(version):
    """Returns struct(error, warning) about a version of Bazel."""
    return _message(
        "Bazel",
        version,
        BAZEL_LOWEST,
        BAZEL_HIGHEST,
        below = "name a newer one in .bazelversion",
        above = "if a woven build fails where the plain one does not, name the older one in .bazelversion, or a newer rules_go_weave in MODULE.bazel",
    )

def rules_go_message(version):
    """Returns struct(error, warning) about a version of rules_go."""
    return _message(
        "rules_go",
        version,
        RULES_GO_LOWEST,
        RULES_GO_HIGHEST,
        below = "raise the bazel_dep of rules_go in MODULE.bazel",
        above = "if a woven build fails where the plain one does not, take the older rules_go by a single_version_override, or a newer rules_go_weave",
    )

def go_message(version):
    """Returns struct(error, warning) about a release of Go, for woven builds."""
    return _message(
        "Go",
        version,
        GO_LOWEST,
        GO_HIGHEST,
        below = "give go_sdk a newer release in MODULE.bazel; the plain build does not need it",
        above = "rules that no longer fit the standard library fail the build; then give go_sdk the older release in MODULE.bazel, or take a newer rules_go_weave",
    )

def rust_error(said):
    """Returns why the weaver cannot be built by a rustc, or "".

    Args:
      said: string, what `rustc -vV` prints.
    """
    found = [line.removeprefix("release: ") for line in said.splitlines() if line.startswith("release: ")]
    version = parse(found[0]) if found else None
    if version and version >= parse(RUST_LOWEST):
        return ""
    return messages.old_rust(RUST_LOWEST, found[0] if version else "of an unknown version")
