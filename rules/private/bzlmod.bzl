"""Says that this needs Bzlmod, where a build is without. The files that a build loads first load this one first."""

load(":messages.bzl", "messages")

visibility(["//rules/..."])

def _check(label):
    # buildifier: disable=canonical-repository
    if not label.startswith("@@"):
        fail(messages.no_bzlmod())
    return True

HAS_BZLMOD = _check(str(Label("//rules/private:bzlmod.bzl")))
