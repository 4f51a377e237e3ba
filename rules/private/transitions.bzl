"""The stages of a woven build and the transitions between them.

The decorated toolchain must find the toolchain that it decorates, and it depends on hook libraries that are Go themselves.
Both would be cycles in one configuration, so the flag `//:weave` has four values that build something:

- `off`: every action is the plain one.
- `on`: what the user asks for.
- `base`: none of our toolchains matches, so toolchain resolution finds the user's own.
- `hooks`: packages are woven, programs get no hook libraries. Hook libraries are built in it.

In a fifth, `probe`, nothing is built: it is `on` with a toolchain that does nothing in place of the woven one (see check.bzl).
"""

visibility(["//rules/..."])

_STAGE_FLAG = "//:weave"
_TESTS_FLAG = "//:tests"

def _transition_to(stage):
    def _impl(_settings, _attr):
        return {_STAGE_FLAG: stage}

    return transition(
        implementation = _impl,
        inputs = [],
        outputs = [_STAGE_FLAG],
    )

def _to_test_impl(settings, attr):
    return {_STAGE_FLAG: "on", _TESTS_FLAG: "on" if attr.hooks else settings[_TESTS_FLAG]}

# For a woven test, which says itself whether it wants hooks.
to_test = transition(
    implementation = _to_test_impl,
    inputs = [_TESTS_FLAG],
    outputs = [_STAGE_FLAG, _TESTS_FLAG],
)

to_probe = _transition_to("probe")
to_base = _transition_to("base")
to_hooks = _transition_to("hooks")
to_off = _transition_to("off")
to_on = _transition_to("on")
