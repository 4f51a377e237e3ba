"""The aspect that shows what was woven.

    bazel build --config=weave --aspects=@rules_go_weave//rules:aspects.bzl%weave --output_groups=weave_report,weave_sources //my:binary

It is no part of `--config=weave`, since Bazel then has it look at every target that is asked for: in a large repository at many.
"""

# buildifier: disable=load
load("//rules/private:bzlmod.bzl", "HAS_BZLMOD")  # @unused
load("//rules/private:report.bzl", _weave = "weave")

visibility("public")

weave = _weave
