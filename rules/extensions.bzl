"""Module extensions. A MODULE.bazel needs none of them; `weave` chooses instrumentations, and `goweave` the source of the weaver.

    weave = use_extension("@rules_go_weave//rules:extensions.bzl", "weave")
    weave.instrumentations(
        except_ = ["log/slog"],
        also = ["//observability:rules"],
    )
"""

# buildifier: disable=load
load("//rules/private:bzlmod.bzl", "HAS_BZLMOD")  # @unused
load("//rules/private:prebuilt.bzl", "goweave_prebuilt_repositories")
load("//rules/private:rules_go.bzl", "rules_go_api_repository")
load("//rules/private:shipped.bzl", _weave = "weave")
load("//rules/private:tool.bzl", "goweave_source_repository")

visibility("public")

def _goweave_impl(module_ctx):
    tags = [tag for module in module_ctx.modules if module.is_root for tag in module.tags.tool]
    goweave_prebuilt_repositories(
        from_source = any([tag.from_source for tag in tags]),
        urls = [url for tag in tags for url in tag.urls],
    )
    goweave_source_repository(name = "goweave_tool")
    rules_go_api_repository(name = "rules_go_api")
    return module_ctx.extension_metadata(reproducible = True)

_tool = tag_class(
    doc = "The source of the weaver; only the root module's tag counts.",
    attrs = {
        "from_source": attr.bool(
            doc = "Whether to build the weaver with cargo even in a release, which has prebuilt ones.",
            default = False,
        ),
        "urls": attr.string_list(
            doc = "Mirrors for the weavers of the release, tried before its own URL, with `{version}` and `{file}`.",
        ),
    },
)

goweave = module_extension(
    implementation = _goweave_impl,
    doc = "Makes `@goweave_PLATFORM` with the prebuilt weavers of a release, `@goweave_tool`, which builds the weaver from source, and " +
          "`@rules_go_api`, with the parts of this version of rules_go that these rules use.",
    tag_classes = {"tool": _tool},
)

weave = _weave
