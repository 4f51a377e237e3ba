"""The weaver as a release has it, a repository for each platform that it runs on."""

load(":messages.bzl", "messages")
load(":release.bzl", "BINARIES", "URL", "VERSION")

visibility(["//rules/..."])

# The execution platforms that a release may have a weaver for, and their constraints.
PLATFORMS = {
    "darwin_amd64": ["@platforms//os:macos", "@platforms//cpu:x86_64"],
    "darwin_arm64": ["@platforms//os:macos", "@platforms//cpu:aarch64"],
    "linux_amd64": ["@platforms//os:linux", "@platforms//cpu:x86_64"],
    "linux_arm64": ["@platforms//os:linux", "@platforms//cpu:aarch64"],
    "windows_amd64": ["@platforms//os:windows", "@platforms//cpu:x86_64"],
}

_BUILD = """\
load("{tool_bzl}", "goweave_toolchain")

package(default_visibility = ["//visibility:public"])

exports_files(["{file}"])

goweave_toolchain(
    name = "toolchain",
    tool = "{file}",
)
"""

def _goweave_prebuilt_repository_impl(rctx):
    extension = ".exe" if rctx.attr.platform.startswith("windows") else ""
    file = "goweave" + extension
    name = "goweave-{}{}".format(rctx.attr.platform, extension)
    rctx.download(
        [url.replace("{version}", VERSION).replace("{file}", name) for url in rctx.attr.urls],
        file,
        sha256 = rctx.attr.sha256,
        executable = True,
    )
    rctx.file("BUILD.bazel", _BUILD.format(
        file = file,
        tool_bzl = Label("//rules/private:tool.bzl"),
    ))

_goweave_prebuilt_repository = repository_rule(
    implementation = _goweave_prebuilt_repository_impl,
    doc = "Downloads the weaver of a platform.",
    attrs = {
        "platform": attr.string(
            doc = "Of PLATFORMS.",
            mandatory = True,
        ),
        "sha256": attr.string(
            doc = "Of the weaver.",
            mandatory = True,
        ),
        "urls": attr.string_list(
            doc = "URLs of the weaver, with {version} and {file}; tried in this order.",
            mandatory = True,
        ),
    },
)

def _no_weaver_repository_impl(rctx):
    fail(messages.no_released_weaver(rctx.attr.platform))

_no_weaver_repository = repository_rule(
    implementation = _no_weaver_repository_impl,
    doc = "Stands where a release has no weaver for a platform: nothing asks for it.",
    attrs = {
        "platform": attr.string(
            doc = "Of PLATFORMS.",
            mandatory = True,
        ),
    },
)

def _goweave_platforms_repository_impl(rctx):
    rctx.file("BUILD.bazel")
    rctx.file("platforms.bzl", "PREBUILT = {}\n".format(repr(rctx.attr.prebuilt)))

_goweave_platforms_repository = repository_rule(
    implementation = _goweave_platforms_repository_impl,
    doc = "Knows which platforms a weaver is downloaded for; if there is none, it is built from source.",
    attrs = {
        "prebuilt": attr.string_list(doc = "Some of PLATFORMS."),
    },
)

def goweave_prebuilt_repositories(from_source, urls):
    """Declares `@goweave_PLATFORM` for each of PLATFORMS, and `@goweave_platforms`. A weaver is downloaded when an action needs it.

    Args:
      from_source: bool, whether the weavers of the release are left alone.
      urls: list of strings, where they may be, with {version} and {file}, before the place that the release names.
    """
    binaries = {} if from_source else BINARIES
    for platform in PLATFORMS:
        if platform in binaries:
            _goweave_prebuilt_repository(
                name = "goweave_" + platform,
                platform = platform,
                sha256 = binaries[platform],
                urls = urls + [URL],
            )
        else:
            _no_weaver_repository(
                name = "goweave_" + platform,
                platform = platform,
            )
    _goweave_platforms_repository(
        name = "goweave_platforms",
        prebuilt = sorted(binaries),
    )
