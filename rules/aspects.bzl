"""The aspect that reports what was woven.

    bazel build --config=weave --aspects=@rules_go_weave//rules:aspects.bzl%weave --output_groups=weave_report,weave_sources //my:binary

It is not part of `--config=weave`, because Bazel would apply it to every requested target, which are many in a large repository.
"""

# buildifier: disable=load
load("//rules/private:bzlmod.bzl", "HAS_BZLMOD")  # @unused
load("//rules/private:report.bzl", _weave = "weave")

visibility("public")

weave = _weave
