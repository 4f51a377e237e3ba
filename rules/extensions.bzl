"""Module extensions. A user's MODULE.bazel needs none of them."""

load("//rules/private:tool.bzl", "goweave_source_repository")

visibility("public")

def _goweave_impl(module_ctx):
    goweave_source_repository(name = "goweave_tool")
    return module_ctx.extension_metadata(reproducible = True)

goweave = module_extension(
    implementation = _goweave_impl,
    doc = "Makes `@goweave_tool`, which has the weaver.",
)
