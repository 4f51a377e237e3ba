"""Module extensions. A user's MODULE.bazel needs none of them; `weave` is there to choose.

    weave = use_extension("@rules_go_weave//rules:extensions.bzl", "weave")
    weave.instrumentations(
        except_ = ["log/slog"],
        also = ["//observability:rules"],
    )
"""

# buildifier: disable=load
load("//rules/private:bzlmod.bzl", "HAS_BZLMOD")  # @unused
load("//rules/private:rules_go.bzl", "rules_go_api_repository")
load("//rules/private:shipped.bzl", _weave = "weave")
load("//rules/private:tool.bzl", "goweave_source_repository")

visibility("public")

def _goweave_impl(module_ctx):
    goweave_source_repository(name = "goweave_tool")
    rules_go_api_repository(name = "rules_go_api")
    return module_ctx.extension_metadata(reproducible = True)

goweave = module_extension(
    implementation = _goweave_impl,
    doc = "Makes `@goweave_tool`, which has the weaver, and `@rules_go_api`, which has what this version of rules_go has of what we use.",
)

weave = _weave
