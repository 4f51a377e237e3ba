"""The exporters that are linked into programs with hooks, and whether metrics are."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")

visibility("private")

# By the names that the setting takes: the package that links the exporter.
PACKAGES = {
    "console": "console",
    "logs": "logs",
    "otlp_grpc": "otlpgrpc",
    "otlp_http": "otlphttp",
    "prometheus": "prometheus",
}

# The package that links metrics.
METRICS = "metrics"

def _chosen_exporters_impl(ctx):
    chosen = {name: None for name in ctx.attr.setting[BuildSettingInfo].value if name}
    for name in chosen:
        if name not in PACKAGES:
            fail("unknown exporter {} in --@rules_go_weave//:exporters: choose from {}".format(repr(name), ", ".join(sorted(PACKAGES))))
    packages = [PACKAGES[name] for name in chosen]
    if ctx.attr.metrics[BuildSettingInfo].value:
        packages.append(METRICS)
    out = ctx.actions.declare_file(ctx.label.name + ".go")
    ctx.actions.write(out, "".join(
        ["// Code generated from --@rules_go_weave//:exporters and --@rules_go_weave//:metrics. DO NOT EDIT.\n\npackage exporters\n\n"] +
        ["import _ \"github.com/rules-go-weave/rules_go_weave/runtime/internal/{}\"\n".format(package) for package in sorted(packages)],
    ))
    return [DefaultInfo(files = depset([out]))]

chosen_exporters = rule(
    implementation = _chosen_exporters_impl,
    doc = "A Go file that imports the exporters which the setting names, and metrics. What no file imports is not linked.",
    attrs = {
        "metrics": attr.label(
            doc = "The bool_flag.",
            mandatory = True,
            providers = [BuildSettingInfo],
        ),
        "setting": attr.label(
            doc = "The string_list_flag.",
            mandatory = True,
            providers = [BuildSettingInfo],
        ),
    },
)

def _exporter_choice_impl(ctx):
    chosen = ctx.attr.exporter in ctx.attr.setting[BuildSettingInfo].value
    return [config_common.FeatureFlagInfo(value = "yes" if chosen else "no")]

exporter_choice = rule(
    implementation = _exporter_choice_impl,
    doc = "Whether the setting names an exporter, for a config_setting: `yes` or `no`.",
    attrs = {
        "exporter": attr.string(mandatory = True),
        "setting": attr.label(
            doc = "The string_list_flag.",
            mandatory = True,
            providers = [BuildSettingInfo],
        ),
    },
)

def only_chosen():
    """Returns the deps of what is chosen: the rest is not even compiled."""
    deps = select({
        ":without_metrics": [],
        "//conditions:default": ["//runtime/internal/" + METRICS],
    })
    for name, package in PACKAGES.items():
        deps = deps + select({
            ":{}_chosen".format(name): ["//runtime/internal/" + package],
            "//conditions:default": [],
        })
    return deps
