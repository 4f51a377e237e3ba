"""Module extensions. A user's MODULE.bazel needs none of them; `weave` is there to choose.

    weave = use_extension("@rules_go_weave//rules:extensions.bzl", "weave")
    weave.instrumentations(
        from_go_mod = "//:go.mod",
        except_ = ["log/slog"],
        also = ["//observability:rules"],
    )
"""

load("//rules/private:shipped.bzl", _weave = "weave")
load("//rules/private:tool.bzl", "goweave_source_repository")

visibility("public")

def _goweave_impl(module_ctx):
    goweave_source_repository(name = "goweave_tool")
    return module_ctx.extension_metadata(reproducible = True)

goweave = module_extension(
    implementation = _goweave_impl,
    doc = "Makes `@goweave_tool`, which has the weaver.",
)

weave = _weave
