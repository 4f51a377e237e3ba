"""Says that this needs Bzlmod, where a build is without. The files that a build loads first load this one first."""

visibility(["//rules/..."])

def _check(label):
    # buildifier: disable=canonical-repository
    if not label.startswith("@@"):
        fail("rules_go_weave needs Bzlmod, and this build has a WORKSPACE and --noenable_bzlmod: name rules_go_weave in MODULE.bazel and take the flag out (https://bazel.build/external/migration)")
    return True

HAS_BZLMOD = _check(str(Label("//rules/private:bzlmod.bzl")))
