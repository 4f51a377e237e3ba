"""The aspect that shows what was woven.

    bazel build --config=weave --aspects=@rules_go_weave//rules:aspects.bzl%weave --output_groups=weave_sources //my:binary
"""

# buildifier: disable=load
load("//rules/private:bzlmod.bzl", "HAS_BZLMOD")  # @unused
load("//rules/private:report.bzl", _weave = "weave")

visibility("public")

weave = _weave
