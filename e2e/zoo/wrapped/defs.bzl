"""A Go toolchain of a repository's own around one of rules_go: it sets a variable of every program that it links."""

def _fields(value):
    return {name: getattr(value, name) for name in dir(value) if name not in ("to_json", "to_proto")}

def _wrapped_go_toolchain_impl(ctx):
    base = ctx.attr.base[platform_common.ToolchainInfo]
    flags = struct(**(_fields(base.flags) | {"link": base.flags.link + ["-X", "main.linkedBy=the wrapper"]}))
    return [platform_common.ToolchainInfo(**(_fields(base) | {"flags": flags}))]

wrapped_go_toolchain = rule(
    implementation = _wrapped_go_toolchain_impl,
    attrs = {
        "base": attr.label(
            mandatory = True,
            providers = [platform_common.ToolchainInfo],
        ),
    },
)
